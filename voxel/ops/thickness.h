// Walls that are too thin: voxels in a row of fewer than so many solid ones along some axis.
//
// Algorithm: a voxel is thick along an axis where the opening by a segment of that length (shrink,
//            then grow, along that axis alone) leaves it. 48 rows of bits hold a brick with its two
//            neighbours, which is why segments have at most 16 voxels.
// Cost:      about 10 us for a brick; uniform cubes are thick and cost nothing.
// Threading: pure function.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

inline constexpr uint32_t kMostThickness = kBrickSize;

struct ThinVoxels {
  int64_t voxels = 0;              // thin along some axis
  std::array<int64_t, 3> along{};  // along x, y, z
  Box bounds;                      // tight; empty if there are none
  std::vector<Coord> samples;      // the first ones, in the order of the tree's cells
};

// CALL_CANCELLED, DEADLINE_PASSED. REQUIRES: 1 <= thickness <= kMostThickness.
absl::StatusOr<ThinVoxels> FindThin(const Volume& volume, uint32_t thickness, size_t max_samples,
                                    const TaskContext& context);

}  // namespace voxel
