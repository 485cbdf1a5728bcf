// Boxes of voxels made a whole number of times larger or smaller.
//
// Data flow: cut the box out, scale it (uniform cubes as boxes, bricks voxel by voxel), clear both
//            boxes, lay the result down at the box's corner.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/edit.h"
#include "voxel/ops/shape.h"

namespace voxel {

// The box of a Scale edit afterwards; may lie outside the world. REQUIRES: the factor is not 0.
Block ScaledExtent(const Scale& edit);

// `before` after scaling what is in `source` by `factor` (down: to that part of it) into `target`;
// covered is the larger of both. Counts into `count`.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY
// REQUIRES: the sizes of the boxes differ by the factor; one of the boxes holds the other.
absl::StatusOr<Volume> ApplyScale(const Volume& before, const Box& source, const Box& target,
                                  uint32_t factor, bool down, const std::optional<Box>& clip,
                                  const TaskContext& context, EditCount& count);

}  // namespace voxel
