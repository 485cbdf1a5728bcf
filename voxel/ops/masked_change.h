// A change cut down to where a mask matches: for edits that are not a region being painted.
//
// Cost: what the change touched.
#pragma once

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"
#include "voxel/ops/mask_kernel.h"

namespace voxel {

// `after` where `mask` matches, `before` elsewhere. CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY.
absl::StatusOr<Volume> MaskedChange(const Volume& before, const Volume& after,
                                    const MaskKernel& mask, const TaskContext& context);

}  // namespace voxel
