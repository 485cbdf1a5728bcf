// Carries out one edit that CheckEdit has found sensible. Private to voxel/ops.
#pragma once

#include "absl/status/status.h"
#include "voxel/base/task_context.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/workspace.h"

namespace voxel {

// Applies `edit` to layer `layer` of the workspace and sets `count`. Field paths start at the
// operation.
//   OUT_OF_WORLD      the edit leaves the world of the layer's own space
//   INVALID_FIELD     a flood of air without a clip box
//   LAYER_NOT_FOUND   the edit names another layer that is not there
//   LAYER_LOCKED, LAYER_LINKED   it cuts into one that cannot be written
//   SELECTION_NOT_FOUND   a mask names a selection that is not there
//   LIMIT_VOXELS, LIMIT_MEMORY, CALL_CANCELLED, DEADLINE_PASSED
absl::Status RunEdit(const Edit& edit, int layer, Workspace& workspace, const TaskContext& context,
                     EditCount& count);

}  // namespace voxel
