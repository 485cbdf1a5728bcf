// How full a volume is: voxels, tight bounds, and how the voxels are spread along each axis.
//
// Cost:      bricks by their occupancy bits, uniform cubes by their corners; no voxel is looked at.
// Threading: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

struct Occupancy {
  int64_t voxels = 0;  // not air
  Box bounds;          // tight; empty if there are none
};

// Of what lies in `box`. CALL_CANCELLED, DEADLINE_PASSED.
absl::StatusOr<Occupancy> CountOccupied(const Volume& volume, const Box& box,
                                        const TaskContext& context);

// Voxels by slices at right angles to one axis, `bucket` slices counted together.
struct AxisProfile {
  int32_t from = 0;  // where the first bucket begins
  int64_t bucket = 1;
  std::vector<int64_t> voxels;
};

// Along x, y and z, from the low to the high side of `bounds`, in at most `most` buckets each: as
// many slices to a bucket as that takes, the last one may have fewer. Voxels outside do not count.
// CALL_CANCELLED, DEADLINE_PASSED. REQUIRES: most >= 1.
absl::StatusOr<std::array<AxisProfile, 3>> ProfileOf(const Volume& volume, const Box& bounds,
                                                     int64_t most, const TaskContext& context);

}  // namespace voxel
