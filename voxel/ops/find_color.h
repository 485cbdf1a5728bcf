// Where the voxels of a colour are.
//
// Cost:      uniform cubes and bricks are told by their palettes; only bricks with some matching
//            and some other colours are decoded. A listed voxel costs itself; one that was skipped
//            and stands in a uniform cube or in a brick of one answer costs nothing.
// Order:     of the tree's cells, within a cell by z, then y, then x; the same for equal volumes.
// Threading: pure function.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/median_cut.h"
#include "voxel/grid/volume.h"
#include "voxel/ops/color_match.h"

namespace voxel {

// `length` voxels from `start` along x. Runs end at the borders of the tree's cells.
struct ColorRun {
  Coord start;
  int32_t length = 0;

  friend bool operator==(const ColorRun&, const ColorRun&) = default;
};

// Which of the found voxels to list.
struct ListedPart {
  int64_t skip = 0;  // that many voxels first
  int64_t most_voxels = 0;
  int64_t most_runs = 0;
};

struct FoundColor {
  int64_t voxels = 0;                 // in all
  Box bounds;                         // of all, tight; empty if there are none
  std::vector<WeightedColor> colors;  // the matching ones, most frequent first, ties by colour
  std::vector<ColorRun> runs;
  int64_t listed = 0;  // voxels in the runs; skip + listed < voxels: there are more
};

// What matches in `box`, air aside. CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY.
absl::StatusOr<FoundColor> FindColor(const Volume& volume, const Box& box, const ColorMatch& match,
                                     const ListedPart& part, const TaskContext& context);

}  // namespace voxel
