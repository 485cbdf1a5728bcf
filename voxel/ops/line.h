// Polylines as sets of voxels.
//
// Thin (radius 0): one voxel per step along the longest axis of each segment, the others rounded to
// the nearest, ties to the segment's start; so a line and its mirror image mirror each other.
// Thick: the capsules of the segments.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

// The voxels the line may cover at most, by its lengths and its radius; saturates at INT64_MAX.
int64_t LineVoxelsAtMost(absl::Span<const Coord> points, uint32_t radius);

// The line in ink. CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY.
// REQUIRES: at least one point; the line lies in the world, its radius included.
absl::StatusOr<Volume> DrawLine(absl::Span<const Coord> points, uint32_t radius,
                                const TaskContext& context);

}  // namespace voxel
