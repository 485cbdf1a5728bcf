// The connected parts of a volume: voxels that are not air, joined over their six faces.
//
// Algorithm: union-find over pieces. A uniform cube is one piece; a brick is one if a flood of its
//            bits reaches all of them, else its voxels are labelled one by one; pieces of touching
//            cells are joined where the bits of the common face meet (Hoshen and Kopelman's cluster
//            labelling, with cells for sites).
// Cost:      about 1 us per brick that is one piece, 20 us for others; uniform cubes their faces.
// Threading: pure function.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

struct Component {
  int64_t voxels = 0;
  Box bounds;   // tight
  Coord first;  // its lowest voxel by z, then y, then x
};

// The components of what lies in `box`, the largest first, equal ones by `first`. LIMIT_MEMORY
// (context.max_new_bytes, for the work itself), CALL_CANCELLED, DEADLINE_PASSED.
absl::StatusOr<std::vector<Component>> FindComponents(const Volume& volume, const Box& box,
                                                      const TaskContext& context);

}  // namespace voxel
