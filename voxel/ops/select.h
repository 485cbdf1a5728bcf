// Evaluates selectors: from an expression and a document to a set of voxels.
//
// Cost:      as the operations that each part is made of (flood.h, neighbourhood.h, mask_kernel.h,
//            set_algebra.h); the composite and each layer are brought into the world once.
// Threading: pure function; may use context.threads threads, with the same result for any number.
#pragma once

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/document.h"
#include "voxel/ops/selector.h"

namespace voxel {

// Field paths lead through the API's spelling of the expression ("union.of[1].grow.steps").
//   SELECTION_NOT_FOUND, LAYER_NOT_FOUND   an expression or a mask names one that is not there
//   INVALID_FIELD    a number out of its range, an operation that draws no shape, a seed outside
//                    its box, a search for air without a box, the connected part of a set without
//                    an end, an expression that is too large
//   OUT_OF_WORLD     a position, or a voxel of a shape
//   INVALID_MASK     as CheckMask
//   LIMIT_VOXELS     a box, a shape or a connected region of more than context.max_voxels
//   LIMIT_MEMORY, CALL_CANCELLED, DEADLINE_PASSED
absl::StatusOr<VoxelSet> Select(const Selector& selector, const Document& document,
                                const TaskContext& context);

}  // namespace voxel
