// A palette: an ordered list of colours with names and materials, kept beside the voxels (which
// hold RGBA themselves). It keeps what a format says about its colours through an import and an
// export, and gives edits colour names.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "voxel/base/ref_ptr.h"
#include "voxel/grid/color.h"

namespace voxel {

struct PaletteEntry {
  Color color = kAir;  // not normalized here: an unused entry keeps what the file said
  std::string name;    // unique within the palette where not empty
  // Material properties as the format names them ("_type" -> "_metal", "_rough" -> "0.1"), in key
  // order.
  std::map<std::string, std::string> material;

  friend bool operator==(const PaletteEntry&, const PaletteEntry&) = default;
};

struct Palette : RefCounted<Palette> {
  std::vector<PaletteEntry> entries;

  // The entry of that name, or nullptr.
  const PaletteEntry* Find(std::string_view name) const;
};

}  // namespace voxel
