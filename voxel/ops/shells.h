// Outlines, shells and enclosed voids: regions made of what lies around their voxels.
#pragma once

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"
#include "voxel/ops/edit.h"

namespace voxel {

// All answer which voxels, in no particular colours, and none outside `world`.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY

// What an Outline edit paints.
absl::StatusOr<Volume> FindOutline(const Volume& volume, const Outline& edit, const Box& world,
                                   const TaskContext& context);
// What a HollowOut edit removes.
absl::StatusOr<Volume> FindCore(const Volume& volume, const HollowOut& edit,
                                const TaskContext& context);
// What a FillVoids edit paints. LIMIT_VOXELS: the bounds of the volume hold more than
// context.max_voxels.
// Cost: the surfaces of what is filled and of what is empty within the bounds.
absl::StatusOr<Volume> FindVoids(const Volume& volume, const Box& world,
                                 const TaskContext& context);

}  // namespace voxel
