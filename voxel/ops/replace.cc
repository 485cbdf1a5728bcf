#include "voxel/ops/replace.h"

#include <limits>

#include "voxel/base/status_macros.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/map_occupied.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/shape_region.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

// Recolours what matches in a box. Asked once per palette entry, so matching may cost.
class ReplaceKernel : public RegionKernel {
 public:
  ReplaceKernel(const Box& box, const ColorMatch& match, Mode mode, Color color)
      : region_(BoxShape(box)), match_(match), mode_(mode), color_(color) {}

  Coverage Classify(const Box& cube) const override { return region_.Classify(cube); }
  void Mask(Coord min, BrickMask& mask) const override { region_.Mask(min, mask); }
  void MapInside(Color* colors, int n) const override {
    for (int i = 0; i < n; ++i) {
      if (match_(colors[i])) colors[i] = Blend(mode_, colors[i], color_);
    }
  }

 private:
  ShapeRegion<BoxShape> region_;
  ColorMatch match_;
  Mode mode_;
  Color color_;
};

// Leaves ink where voxels of the box match, and air everywhere else.
class MatchKernel final : public RegionKernel {
 public:
  MatchKernel(const Box& box, const ColorMatch& match) : region_(BoxShape(box)), match_(match) {}

  Coverage Classify(const Box& cube) const override { return region_.Classify(cube); }
  void Mask(Coord min, BrickMask& mask) const override { region_.Mask(min, mask); }
  void MapInside(Color* colors, int n) const override {
    for (int i = 0; i < n; ++i) colors[i] = match_(colors[i]) ? kInk : kAir;
  }
  void MapOutside(Color* colors, int n) const override { std::fill_n(colors, n, kAir); }
  bool acts_outside() const override { return true; }

 private:
  ShapeRegion<BoxShape> region_;
  ColorMatch match_;
};

// The matching voxels of `box`, in ink.
absl::StatusOr<Volume> Matches(const Volume& volume, const Box& box, const ColorMatch& match,
                               const TaskContext& context) {
  Box reach = volume.Bounds();
  if (match(kAir)) reach = reach.Union(box);
  if (box.empty() || reach.empty()) return Volume();
  VolumeEditor editor(volume);
  MapCount count;
  const MatchKernel kernel(box, match);
  VOXEL_RETURN_IF_ERROR(match(kAir) ? editor.MapRegion(reach, kernel, context, count)
                                    : MapOccupied(volume, reach, kernel, editor, context, count));
  return editor.Commit();
}

// Out to the borders of nodes: what is mapped as a whole is mapped by its palettes.
Box GrownToNodes(Box box) {
  constexpr int32_t kNode = 64;
  for (int axis = 0; axis < 3; ++axis) {
    box.min[axis] &= -kNode;
    box.max[axis] = ((box.max[axis] - 1) | (kNode - 1)) + 1;
  }
  return box;
}

Box Part(const std::optional<Box>& a, const std::optional<Box>& b) {
  return a.value_or(kWorld).Intersection(b.value_or(kWorld));
}

// Counts what recolouring `part` alone cannot tell: matching voxels that had the colour already, or
// were clipped.
absl::Status CountMatches(const Volume& before, const Box& box, const Box& part,
                          const ColorMatch& match, bool count_part, const TaskContext& context,
                          int64_t changed, EditCount& count) {
  int64_t in_part = changed;
  if (count_part) {
    VOXEL_ASSIGN_OR_RETURN(const Volume matches, Matches(before, part, match, context));
    in_part = matches.CountVoxels();
    count.unchanged += in_part - changed;
  }
  if (part == box) return absl::OkStatus();
  VOXEL_ASSIGN_OR_RETURN(const Volume matches, Matches(before, box, match, context));
  count.clipped += matches.CountVoxels() - in_part;
  return absl::OkStatus();
}

// The voxels of `box` that are not air and match, made air.
absl::Status ClearMasked(const std::optional<Box>& box, const std::optional<Box>& clip,
                         const MaskKernel& mask, VolumeEditor& editor, const TaskContext& context,
                         EditCount& count) {
  VOXEL_ASSIGN_OR_RETURN(Volume solid, Within(editor.Snapshot(), box.value_or(kWorld), context));
  Brush air;
  air.mask = &mask;
  EditCount cleared;
  VOXEL_RETURN_IF_ERROR(
      PaintRegion(VolumeRegion(std::move(solid)), air, clip, editor, context, cleared));
  count.changed += cleared.changed;
  if (box) count.clipped += cleared.clipped;
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyReplace(const ColorMatch& match, const Brush& brush,
                          const std::optional<Box>& box, const std::optional<Box>& clip,
                          VolumeEditor& editor, const TaskContext& context, EditCount& count) {
  const Volume before = editor.Snapshot();
  const Box part = Part(box, clip);
  const Box whole = box ? *box : part;
  const auto [mode, color, pattern, mask] = brush;
  if (ActsOutside(mode) || pattern != nullptr || mask != nullptr) {
    VOXEL_ASSIGN_OR_RETURN(Volume matches, Matches(before, whole, match, context));
    return PaintRegion(VolumeRegion(std::move(matches)), brush, clip, editor, context, count);
  }
  const Box reach = match(kAir)      ? part
                    : before.empty() ? Box()
                                     : part.Intersection(GrownToNodes(before.Bounds()));
  MapCount map;
  if (!reach.empty()) {
    const ReplaceKernel kernel(reach, match, mode, color);
    VOXEL_RETURN_IF_ERROR(match(kAir) ? editor.MapRegion(reach, kernel, context, map)
                                      : MapOccupied(before, reach, kernel, editor, context, map));
  }
  count.changed += map.changed;
  // A single colour that changes leaves no matching voxel as it was.
  const bool may_stay = !match.exact() || Blend(mode, match.color(), color) == match.color();
  return CountMatches(before, whole, part, match, may_stay, context, map.changed, count);
}

absl::Status ApplyClear(const std::optional<Box>& box, const std::optional<Box>& clip,
                        const MaskKernel* mask, VolumeEditor& editor, const TaskContext& context,
                        EditCount& count) {
  if (mask != nullptr) return ClearMasked(box, clip, *mask, editor, context, count);
  const Box part = Part(box, clip);
  const Box reach = part.Intersection(editor.Snapshot().Bounds());
  EditCount cleared;
  if (!reach.empty()) {
    const ShapeRegion region{BoxShape(reach)};
    VOXEL_RETURN_IF_ERROR(
        PaintRegion(region, Mode::kReplace, kAir, std::nullopt, editor, context, cleared));
  }
  count.changed += cleared.changed;
  if (!box) return absl::OkStatus();
  count.unchanged += part.Voxels() - cleared.changed;
  // A box too large to be counted is so after a cut as well, or else has lost more than can be
  // counted.
  const int64_t all = box->Voxels();
  count.clipped +=
      all == std::numeric_limits<int64_t>::max() && part != *box ? all : all - part.Voxels();
  return absl::OkStatus();
}

}  // namespace voxel
