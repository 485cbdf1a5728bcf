#include "voxel/ops/recolor.h"

#include <algorithm>
#include <tuple>

#include "voxel/base/status_macros.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/color_match.h"
#include "voxel/ops/floor_sqrt.h"
#include "voxel/ops/map_occupied.h"
#include "voxel/ops/shape_region.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

class RecolorKernel final : public RegionKernel {
 public:
  RecolorKernel(const Box& box, absl::FunctionRef<Color(Color)> map)
      : region_(BoxShape(box)), map_(map) {}

  Coverage Classify(const Box& cube) const override { return region_.Classify(cube); }
  void Mask(Coord min, BrickMask& mask) const override { region_.Mask(min, mask); }
  void MapInside(Color* colors, int n) const override {
    Color last = kAir;  // in a raw brick, neighbours are often alike
    Color image = kAir;
    for (int i = 0; i < n; ++i) {
      if (colors[i] != last) {
        last = colors[i];
        image = last == kAir ? kAir : map_(last);
      }
      colors[i] = image;
    }
  }

 private:
  ShapeRegion<BoxShape> region_;
  absl::FunctionRef<Color(Color)> map_;
};

// The mean of a group, each channel rounded.
Color MeanOf(const WeightedColor* begin, const WeightedColor* end) {
  Int128 sums[4] = {};
  Int128 total = 0;
  for (const WeightedColor* c = begin; c != end; ++c) {
    for (int i = 0; i < 4; ++i) sums[i] += Int128{c->color >> (8 * i) & 255} * c->weight;
    total += c->weight;
  }
  Color mean = 0;
  for (int i = 0; i < 4; ++i) {
    mean |= static_cast<Color>((2 * sums[i] + total) / (2 * total)) << (8 * i);
  }
  return mean;  // never air: no colour of the group has an alpha of 0
}

}  // namespace

absl::Status ApplyRecolor(absl::FunctionRef<Color(Color)> map, const std::optional<Box>& clip,
                          VolumeEditor& editor, const TaskContext& context, EditCount& count) {
  const Volume before = editor.Snapshot();
  const Box bounds = before.Bounds();
  const Box part = clip ? bounds.Intersection(*clip) : bounds;
  MapCount mapped;
  int64_t covered = 0;
  if (!part.empty()) {
    VOXEL_ASSIGN_OR_RETURN(covered, VolumeRegion(before).Count(part, context));
    VOXEL_RETURN_IF_ERROR(
        MapOccupied(before, part, RecolorKernel(part, map), editor, context, mapped));
  }
  count.changed += mapped.changed;
  count.unchanged += covered - mapped.changed;
  count.clipped += before.CountVoxels() - covered;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<WeightedColor>> CountColors(const Volume& volume,
                                                       const std::optional<Box>& clip,
                                                       const TaskContext& context) {
  absl::flat_hash_map<Color, int64_t> counts;
  absl::Status status;
  std::vector<Color> read;
  volume.ForEachCell(clip.value_or(kWorld), [&](const Cell& cell) {
    const Box part = clip ? cell.box().Intersection(*clip) : cell.box();
    if (cell.brick == nullptr) {
      counts[cell.color] += part.Voxels();
    } else if (part == cell.box()) {
      BrickForEachColor(cell.brick, [&](Color color, int voxels) { counts[color] += voxels; });
    } else {
      read.resize(static_cast<size_t>(part.Voxels()));
      volume.ReadBox(part, read.data());
      for (const Color color : read) {
        if (color != kAir) ++counts[color];
      }
    }
    status = context.CheckMemory(static_cast<int64_t>(counts.size() * sizeof(WeightedColor)));
    return status.ok();
  });
  if (!status.ok()) return status;
  std::vector<WeightedColor> colors;
  colors.reserve(counts.size());
  for (const auto& [color, weight] : counts) colors.push_back({color, weight});
  std::sort(colors.begin(), colors.end(), [](const WeightedColor& a, const WeightedColor& b) {
    return std::tie(b.weight, a.color) < std::tie(a.weight, b.color);
  });
  return colors;
}

ColorMapping MappingOf(const Remap& edit) {
  ColorMapping mapping;
  for (size_t i = 0; i < edit.from.size(); ++i) mapping[edit.from[i]] = edit.to[i];
  return mapping;
}

ColorMapping MappingOf(const Quantise& edit, std::vector<WeightedColor> colors) {
  ColorMapping mapping;
  if (colors.size() <= edit.colors) return mapping;
  size_t begin = 0;
  for (const size_t end : MedianCut(colors, edit.colors)) {
    const Color mean = MeanOf(colors.data() + begin, colors.data() + end);
    for (; begin < end; ++begin) mapping[colors[begin].color] = mean;
  }
  return mapping;
}

absl::StatusOr<ColorMapping> MappingOf(const MergeColors& edit,
                                       const std::vector<WeightedColor>& colors,
                                       const TaskContext& context) {
  ColorMapping mapping;
  std::vector<Color> staying;
  for (const WeightedColor& color : colors) {
    VOXEL_RETURN_IF_ERROR(context.Check());
    const auto near =
        std::find_if(staying.begin(), staying.end(), ColorMatch(color.color, edit.tolerance));
    if (near == staying.end()) {
      staying.push_back(color.color);
    } else {
      mapping[color.color] = *near;
    }
  }
  return mapping;
}

}  // namespace voxel
