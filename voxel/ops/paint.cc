#include "voxel/ops/paint.h"

#include <algorithm>

#include "voxel/base/status_macros.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/coverage.h"
#include "voxel/ops/map_occupied.h"
#include "voxel/ops/paint_pattern.h"
#include "voxel/ops/shape_region.h"

namespace voxel {
namespace {

class PaintKernel final : public RegionKernel {
 public:
  PaintKernel(const Region& region, Mode mode, Color color, const MaskKernel* mask = nullptr)
      : region_(region), mode_(mode), color_(color), mask_(mask) {}

  Coverage Classify(const Box& cube) const override {
    const Coverage shape = region_.Classify(cube);
    if (mask_ == nullptr || shape == Coverage::kOutside) return shape;
    return Both(shape, mask_->Classify(cube));
  }
  void Mask(Coord min, BrickMask& mask) const override {
    region_.Mask(min, mask);
    if (mask_ == nullptr) return;
    BrickMask let;
    FillBrick(*mask_, min, let);
    for (size_t i = 0; i < mask.words.size(); ++i) mask.words[i] &= let.words[i];
  }
  void MapInside(Color* colors, int n) const override {
    if (mode_ == Mode::kReplace) {
      std::fill_n(colors, n, color_);
      return;
    }
    for (int i = 0; i < n; ++i) colors[i] = Blend(mode_, colors[i], color_);
  }

 private:
  const Region& region_;
  Mode mode_;
  Color color_;
  const MaskKernel* mask_;
};

// Makes the voxels outside a region air, where the mask lets through, and keeps the others.
class EraseOutsideKernel final : public RegionKernel {
 public:
  explicit EraseOutsideKernel(const Region& region, const MaskKernel* mask = nullptr)
      : region_(region), mask_(mask) {}

  Coverage Classify(const Box& cube) const override {
    const Coverage shape = region_.Classify(cube);
    if (mask_ == nullptr || shape == Coverage::kInside) return shape;
    return Either(shape, Not(mask_->Classify(cube)));
  }
  void Mask(Coord min, BrickMask& mask) const override {
    region_.Mask(min, mask);
    if (mask_ == nullptr) return;
    BrickMask let;
    FillBrick(*mask_, min, let);
    for (size_t i = 0; i < mask.words.size(); ++i) mask.words[i] |= ~let.words[i];
  }
  void MapInside(Color*, int) const override {}
  void MapOutside(Color* colors, int n) const override { std::fill_n(colors, n, kAir); }
  bool acts_outside() const override { return true; }

 private:
  const Region& region_;
  const MaskKernel* mask_;
};

// From here on the empty part of a region is not looked at but reckoned: 256 regions of a volume.
constexpr int64_t kManyVoxels = int64_t{1} << 38;

absl::Status MapPaint(const Region& region, const Brush& brush, const Box& part,
                      VolumeEditor& editor, const TaskContext& context, MapCount& count) {
  const PaintKernel kernel(region, brush.mode, brush.color, brush.mask);
  const bool keeps_air = Blend(brush.mode, kAir, brush.color) == kAir;
  if (!keeps_air || brush.mask != nullptr || part.Voxels() < kManyVoxels) {
    return editor.MapRegion(part, kernel, context, count);
  }
  VOXEL_RETURN_IF_ERROR(MapOccupied(editor.Snapshot(), part, kernel, editor, context, count));
  VOXEL_ASSIGN_OR_RETURN(count.inside, region.Count(part, context));
  return absl::OkStatus();
}

}  // namespace

absl::Status PaintRegion(const Region& region, Mode mode, Color color,
                         const std::optional<Box>& clip, VolumeEditor& editor,
                         const TaskContext& context, EditCount& count) {
  Brush brush;
  brush.mode = mode;
  brush.color = color;
  return PaintRegion(region, brush, clip, editor, context, count);
}

absl::Status PaintRegion(const Region& region, const Brush& brush, const std::optional<Box>& clip,
                         VolumeEditor& editor, const TaskContext& context, EditCount& count) {
  const Box bounds = region.bounds();
  const Box part = clip ? bounds.Intersection(*clip) : bounds;
  MapCount map;
  if (!part.empty() && brush.pattern != nullptr) {
    VOXEL_RETURN_IF_ERROR(
        PaintPattern(region, brush.mask, part, brush.mode, *brush.pattern, editor, context, map));
  } else if (!part.empty()) {
    VOXEL_RETURN_IF_ERROR(MapPaint(region, brush, part, editor, context, map));
  }
  count.changed += map.changed;
  count.unchanged += map.inside - map.changed;
  if (part != bounds || brush.mask != nullptr) {
    VOXEL_ASSIGN_OR_RETURN(const int64_t whole, region.Count(bounds, context));
    count.clipped += whole - map.inside;
  }
  if (!ActsOutside(brush.mode)) return absl::OkStatus();
  return EraseOutside(region, brush.mask, clip, editor, context, count);
}

absl::Status EraseOutside(const Region& region, const MaskKernel* mask,
                          const std::optional<Box>& clip, VolumeEditor& editor,
                          const TaskContext& context, EditCount& count) {
  const Volume volume = editor.Snapshot();
  Box part = volume.Bounds();
  if (clip) part = part.Intersection(*clip);
  if (part.empty()) return absl::OkStatus();
  MapCount map;
  VOXEL_RETURN_IF_ERROR(
      MapOccupied(volume, part, EraseOutsideKernel(region, mask), editor, context, map));
  count.changed += map.changed;
  return absl::OkStatus();
}

absl::StatusOr<Volume> Without(const Volume& volume, const Box& box, const TaskContext& context) {
  const Box part = volume.Bounds().Intersection(box);
  if (part.empty()) return volume;
  VolumeEditor editor(volume);
  MapCount map;
  const ShapeRegion region{BoxShape(part)};
  VOXEL_RETURN_IF_ERROR(
      MapOccupied(volume, part, PaintKernel(region, Mode::kReplace, kAir), editor, context, map));
  return editor.Commit();
}

absl::StatusOr<Volume> Within(const Volume& volume, const Box& box, const TaskContext& context) {
  if (box.Contains(volume.Bounds())) return volume;
  if (box.empty()) return Volume();
  return Within(volume, ShapeRegion{BoxShape(box)}, context);
}

absl::StatusOr<Volume> Within(const Volume& volume, const Region& region,
                              const TaskContext& context) {
  const Box bounds = volume.Bounds();
  if (bounds.empty()) return volume;
  VolumeEditor editor(volume);
  MapCount map;
  VOXEL_RETURN_IF_ERROR(
      MapOccupied(volume, bounds, EraseOutsideKernel(region), editor, context, map));
  return editor.Commit();
}

}  // namespace voxel
