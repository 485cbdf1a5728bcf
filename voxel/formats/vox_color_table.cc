#include "voxel/formats/vox_color_table.h"

#include <algorithm>
#include <utility>

#include "voxel/base/check.h"
#include "voxel/grid/median_cut.h"

namespace voxel {
namespace {

std::vector<PaletteEntry> PaddedEntries(const Palette* palette) {
  std::vector<PaletteEntry> entries;
  if (palette != nullptr) entries = palette->entries;
  entries.resize(kVoxPaletteEntries);
  return entries;
}

// The weighted mean. Never air: the colours are voxels'.
Color Mean(const WeightedColor* begin, const WeightedColor* end) {
  uint64_t weight = 0;
  uint64_t sum[4] = {};
  for (const WeightedColor* c = begin; c != end; ++c) {
    const auto w = static_cast<uint64_t>(c->weight);  // a file's voxels: sums stay far below 2^64
    weight += w;
    for (int i = 0; i < 4; ++i) sum[i] += w * (c->color >> (24 - 8 * i) & 255);
  }
  const auto channel = [&](int i) { return static_cast<uint32_t>((sum[i] + weight / 2) / weight); };
  return Rgba(channel(0), channel(1), channel(2), std::max(channel(3), 1u));
}

}  // namespace

VoxColorTable::VoxColorTable(const Palette* palette, const ColorCounts& counts)
    : entries_(PaddedEntries(palette)) {
  absl::flat_hash_map<Color, uint8_t> own;  // colour -> its lowest entry in the document's palette
  const size_t palette_size =
      palette == nullptr ? 0 : std::min<size_t>(palette->entries.size(), kVoxColors);
  for (size_t i = 0; i < palette_size; ++i) {
    own.emplace(VoxVoxelColor(entries_[i].color), static_cast<uint8_t>(i));
  }
  std::vector<Target> targets = JoinColors(counts, own);
  std::array<bool, kVoxPaletteEntries> used{};
  for (const Target& target : targets) {
    if (const auto found = own.find(target.color); found != own.end()) used[found->second] = true;
  }
  std::vector<uint8_t> free = FreeEntries(used, palette_size);
  for (const Target& target : targets) {
    const auto found = own.find(target.color);
    uint8_t entry = 0;
    if (found != own.end()) {
      entry = found->second;
    } else {
      VOXEL_CHECK(
          !free.empty());  // at most 255 targets, and each either has an entry or finds one free
      entry = free.back();
      free.pop_back();
      entries_[entry] = PaletteEntry{.color = target.color, .name = {}, .material = {}};
    }
    for (const Color source : target.sources) {
      index_of_[source] = static_cast<uint8_t>(entry + 1);
      if (source != target.color) ++merged_;
    }
  }
  for (size_t i = 0; i < entries_.size(); ++i) voxel_color_[i] = VoxVoxelColor(entries_[i].color);
}

std::vector<VoxColorTable::Target> VoxColorTable::JoinColors(
    const ColorCounts& counts, const absl::flat_hash_map<Color, uint8_t>& own) const {
  std::vector<WeightedColor> colors;
  colors.reserve(counts.size());
  for (const auto& [color, count] : counts) colors.push_back({color, count});
  const std::vector<size_t> ends =
      MedianCut(colors, counts.size() <= kVoxColors ? counts.size() : kVoxColors);
  absl::flat_hash_map<Color, size_t> target_of;  // two groups may have the same mean
  std::vector<Target> targets;
  size_t begin = 0;
  for (const size_t end : ends) {
    const WeightedColor* best = nullptr;
    for (size_t i = begin; i < end; ++i) {
      const bool better = best == nullptr || std::pair(colors[i].weight, best->color) >
                                                 std::pair(best->weight, colors[i].color);
      if (own.contains(colors[i].color) && better) best = &colors[i];
    }
    const Color color =
        best != nullptr ? best->color : Mean(&colors[begin], &colors[begin] + (end - begin));
    const auto [found, is_new] = target_of.emplace(color, targets.size());
    if (is_new) targets.push_back({color, {}});
    for (size_t i = begin; i < end; ++i) targets[found->second].sources.push_back(colors[i].color);
    begin = end;
  }
  std::sort(targets.begin(), targets.end(),
            [](const Target& a, const Target& b) { return a.color < b.color; });
  return targets;
}

std::vector<uint8_t> VoxColorTable::FreeEntries(const std::array<bool, kVoxPaletteEntries>& used,
                                                size_t palette_size) const {
  std::vector<uint8_t> empty;
  std::vector<uint8_t> unused;
  for (size_t i = 0; i < kVoxColors; ++i) {
    if (used[i]) continue;
    const bool has_color = i < palette_size && Alpha(entries_[i].color) != 0;
    (has_color ? unused : empty).push_back(static_cast<uint8_t>(i));
  }
  // The next entry is taken from the back: empty ones ascending, then unused ones descending.
  std::vector<uint8_t> result = std::move(unused);
  result.insert(result.end(), empty.rbegin(), empty.rend());
  return result;
}

}  // namespace voxel
