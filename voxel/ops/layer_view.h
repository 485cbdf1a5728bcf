// One layer's voxels as another layer sees them.
#pragma once

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"
#include "voxel/ops/layer_space.h"

namespace voxel {

// `volume` of a layer placed by `placement`, in the space of another layer. What falls out of that
// layer's world is left out. Shared where both lie alike; else the cost is that of a move.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY
absl::StatusOr<Volume> ViewFrom(const LayerSpace& space, const Volume& volume,
                                const Transform& placement, const TaskContext& context);

}  // namespace voxel
