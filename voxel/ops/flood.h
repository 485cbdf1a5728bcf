// Finding the connected region of like colours around a voxel.
//
// Cost: a uniform cube floods as a whole, a brick by its masks: so the surface of the region, not
//       its volume.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"
#include "voxel/ops/color_match.h"
#include "voxel/ops/edit.h"

namespace voxel {

// The region in ink: the voxels of `bounds` that `match` and can be reached from `seed` from
// neighbour to neighbour. Empty if the seed itself does not match.
//   LIMIT_VOXELS   the region has more than `max_voxels`
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY
// REQUIRES: bounds is in the world and contains the seed.
absl::StatusOr<Volume> FindFlood(const Volume& volume, Coord seed, const ColorMatch& match,
                                 Neighbours neighbours, const Box& bounds, int64_t max_voxels,
                                 const TaskContext& context);

}  // namespace voxel
