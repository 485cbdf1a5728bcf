#include "voxel/ops/far_transform.h"

#include <algorithm>
#include <cstdlib>

#include "voxel/base/status_macros.h"
#include "voxel/grid/combine.h"

namespace voxel {

// Halfway first, which lies between places in the world and so in it.
absl::StatusOr<Volume> FarTransform(const Volume& volume, const Transform& transform,
                                    const TaskContext& context) {
  const Coord offset = transform.offset;
  const Coord half{offset.x / 2, offset.y / 2, offset.z / 2};
  const int32_t farthest = std::max({std::abs(half.x), std::abs(half.y), std::abs(half.z)});
  if (farthest < kMaxCoord / 2) return TransformVolume(volume, transform, context);
  VOXEL_ASSIGN_OR_RETURN(const Volume halfway,
                         TransformVolume(volume, {transform.rotation, half}, context));
  return TransformVolume(halfway, {Rotation(), offset - half}, context);
}

}  // namespace voxel
