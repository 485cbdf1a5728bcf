// Which palette index each of a document's colours is written as.
//
// Order: a colour that the document's palette has keeps its (lowest) index; new colours take
//        entries that no voxel uses, in ascending order of their value: first those the palette
//        does not have or that are empty, then from the end.
// Over 255 colours: median cut joins them into 255 groups; a group is written as its most used
//        colour out of the document's palette, else as the mean of its voxels.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "voxel/formats/vox_palette.h"
#include "voxel/grid/color.h"
#include "voxel/grid/palette.h"

namespace voxel {

using ColorCounts = absl::flat_hash_map<Color, int64_t>;  // colour -> voxels

class VoxColorTable {
 public:
  // `palette` may be null. Deterministic: depends on the contents of its arguments only.
  VoxColorTable(const Palette* palette, const ColorCounts& counts);

  // The voxel index, 1..255. REQUIRES: `color` is in the counts given.
  uint8_t IndexOf(Color color) const { return index_of_.find(color)->second; }
  // Whether voxels of that index have exactly that colour. Index 0 is air.
  bool Means(uint8_t index, Color color) const {
    return index != 0 && voxel_color_[index - 1u] == color;
  }
  // 256 entries; entry i is voxel index i + 1.
  const std::vector<PaletteEntry>& entries() const { return entries_; }
  // How many colours had to become another one.
  int64_t merged() const { return merged_; }

 private:
  struct Target {
    Color color = kAir;
    std::vector<Color> sources;
  };
  std::vector<Target> JoinColors(const ColorCounts& counts,
                                 const absl::flat_hash_map<Color, uint8_t>& own) const;
  // Entries that a new colour may overwrite, the next one last.
  std::vector<uint8_t> FreeEntries(const std::array<bool, kVoxPaletteEntries>& used,
                                   size_t palette_size) const;

  std::vector<PaletteEntry> entries_;
  std::array<Color, kVoxPaletteEntries> voxel_color_{};
  absl::flat_hash_map<Color, uint8_t> index_of_;
  int64_t merged_ = 0;
};

}  // namespace voxel
