// TransformVolume for any distance within the world.
#pragma once

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/transform.h"
#include "voxel/grid/volume.h"

namespace voxel {

// From one end of the world to the other is further than one transform goes; this one takes two
// where it must. Errors and cost as TransformVolume's.
absl::StatusOr<Volume> FarTransform(const Volume& volume, const Transform& transform,
                                    const TaskContext& context);

}  // namespace voxel
