// What a reader sees who looks only at a set of voxels: outside of it there is air.
//
// Cost:   bricks in which the set is mixed; the others are shared or left out.
// Errors: CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY.
#pragma once

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/document.h"

namespace voxel {

// A volume in world space.
absl::StatusOr<Volume> Limited(const Volume& volume, const VoxelSet& set,
                               const TaskContext& context);

// All layers; a linked one gets voxels of its own, for it lies elsewhere than its original.
absl::StatusOr<RefPtr<const Document>> Limited(const Document& document, const VoxelSet& set,
                                               const TaskContext& context);

}  // namespace voxel
