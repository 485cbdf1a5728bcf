#include "voxel/ops/volume_region.h"

#include "voxel/ops/box_shape.h"
#include "voxel/ops/shape_region.h"

namespace voxel {

Coverage VolumeRegion::Classify(const Box& cube) const {
  if (cube.Size(0) > kLargestCell) {
    bool any = false;
    volume_.ForEachCell(cube, [&any](const Cell&) {
      any = true;
      return false;
    });
    return any ? Coverage::kPartial : Coverage::kOutside;
  }
  const Cell cell = volume_.CellOf(cube.min);
  if (cell.brick != nullptr || !cell.box().Contains(cube)) return Coverage::kPartial;
  return cell.color == kAir ? Coverage::kOutside : Coverage::kInside;
}

void VolumeRegion::Mask(Coord min, BrickMask& mask) const {
  const Cell cell = volume_.CellAt(min);
  if (cell.brick != nullptr) {
    mask = BrickOccupancy(cell.brick);
  } else if (cell.color != kAir) {
    mask.words.fill(~uint64_t{0});
  }
}

absl::StatusOr<int64_t> VolumeRegion::Count(const Box& box, const TaskContext& context) const {
  if (box.Contains(bounds_)) return volume_.CountVoxels();
  int64_t count = 0;
  absl::Status status;
  volume_.ForEachCell(box, [&](const Cell& cell) {
    const Box part = cell.box().Intersection(box);
    if (cell.brick == nullptr) {
      count += part.Voxels();
    } else if (part == cell.box()) {
      count += BrickCount(cell.brick);
    } else {
      BrickMask mask;
      ShapeRegion(BoxShape(part)).Mask(cell.min, mask);
      const BrickMask& occupied = BrickOccupancy(cell.brick);
      for (size_t i = 0; i < mask.words.size(); ++i) mask.words[i] &= occupied.words[i];
      count += mask.Count();
    }
    status = context.Check();
    return status.ok();
  });
  if (!status.ok()) return status;
  return count;
}

}  // namespace voxel
