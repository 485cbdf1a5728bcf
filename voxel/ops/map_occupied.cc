#include "voxel/ops/map_occupied.h"

#include "voxel/base/status_macros.h"

namespace voxel {
namespace {

constexpr int32_t kPartSide = 1024;  // of a volume's regions

bool Occupied(const Volume& volume, const Box& box) {
  bool found = false;
  volume.ForEachCell(box, [&found](const Cell&) {
    found = true;
    return false;
  });
  return found;
}

}  // namespace

absl::Status MapOccupied(const Volume& volume, const Box& box, const RegionKernel& kernel,
                         VolumeEditor& editor, const TaskContext& context, MapCount& count) {
  if (!Occupied(volume, box)) return absl::OkStatus();
  int axis = 0;
  for (const int other : {1, 2}) {
    if (box.Size(other) > box.Size(axis)) axis = other;
  }
  if (box.Size(axis) <= 2 * kPartSide) return editor.MapRegion(box, kernel, context, count);
  // Halves that meet between regions.
  Box low = box;
  Box high = box;
  low.max[axis] = high.min[axis] =
      static_cast<int32_t>(box.min[axis] + box.Size(axis) / 2) & -kPartSide;
  VOXEL_RETURN_IF_ERROR(MapOccupied(volume, low, kernel, editor, context, count));
  return MapOccupied(volume, high, kernel, editor, context, count);
}

}  // namespace voxel
