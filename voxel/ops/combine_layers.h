// A layer's voxels met with another volume's at the same places: combinations as sets, and taking
// over what others show.
//
// Space: both volumes lie in the space of the layer that changes.
// Cost:  what is not shared between them.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/layer_edits.h"

namespace voxel {

// `before` combined with `other` within `clip` (without: everywhere). Counts into `count`: covered
// are the voxels that either has.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY
absl::StatusOr<Volume> ApplyCombine(const Combine& op, const Volume& before, const Volume& other,
                                    const std::optional<Box>& clip, const TaskContext& context,
                                    EditCount& count);

// `before` with the content of `other` within `clip` (without: everywhere), air included. Counts
// as ApplyCombine.
absl::StatusOr<Volume> ApplyTakeOver(const Volume& before, const Volume& other,
                                     const std::optional<Box>& clip, const TaskContext& context,
                                     EditCount& count);

}  // namespace voxel
