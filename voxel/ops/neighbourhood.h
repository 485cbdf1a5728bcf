// Growing and shrinking sets of voxels by their neighbours: the one kernel under the operations
// that look around a voxel.
//
// Form:  the 18^3 bits of a brick and its rim, a row along x at a time; shrinking is growing of
//        what is not there.
// Cost:  bricks, and the bricks at the surface of uniform cubes: about 3 us each; never the inside
//        of a uniform cube.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"
#include "voxel/ops/edit.h"

namespace voxel {

// Whether what lies beyond the rim of the world is like what is not there, or like what is.
enum class Beyond : uint8_t { kOutside, kInside };

// Which voxels are there is what counts; colours of the result say nothing.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY
// `volume` and the neighbours of its voxels within the world.
absl::StatusOr<Volume> Grown(const Volume& volume, Neighbours neighbours,
                             const TaskContext& context);
// The voxels of `volume` whose neighbours are all in it.
absl::StatusOr<Volume> Shrunk(const Volume& volume, Neighbours neighbours, Beyond beyond,
                              const TaskContext& context);

}  // namespace voxel
