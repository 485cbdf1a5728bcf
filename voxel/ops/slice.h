// One plane of a volume as a grid of colours, as one sees it: along z from above, along y from the
// front, along x from the right.
//
// Downsampling: a cell stands for step * step voxels of the plane and has the most frequent of
//               their colours, the lowest number where several are; it is air only if all are.
// Cost:         uniform cubes by the cells that they meet, bricks by their voxels in the plane.
// Threading:    pure function.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

// The axes of a plane at right angles to `axis`: which one grows to the right, which one upwards.
struct PlaneAxes {
  Axis right = Axis::kX;
  Axis up = Axis::kY;

  static PlaneAxes Of(Axis axis);
};

struct SliceSpec {
  Axis axis = Axis::kZ;
  int32_t position = 0;   // in the world
  Box area;               // its extent along `axis` does not matter
  int32_t step = 1;       // at least 1
  int32_t max_size = 64;  // at least 1
};

struct Slice {
  int32_t columns = 0;  // 0 where there is nothing to show
  int32_t rows = 0;
  Box box;                   // what is shown, one voxel thick; begins at the area's low corner
  bool truncated = false;    // the area has more columns or rows than max_size
  std::vector<Color> cells;  // row by row, the highest first

  Color At(int32_t column, int32_t row) const {
    return cells[static_cast<size_t>(row) * static_cast<size_t>(columns) +
                 static_cast<size_t>(column)];
  }
};

// CALL_CANCELLED, DEADLINE_PASSED.
absl::StatusOr<Slice> SliceOf(const Volume& volume, const SliceSpec& spec,
                              const TaskContext& context);

}  // namespace voxel
