// For parallel rays: the part of each on which it can meet voxels at all.
//
// Data flow:  OccupancyIndex -> FirstCubes -> SpanMap, once per direction -> Of once per ray: its
//             walk begins and ends there.
// Algorithm:  the plane across the rays is a grid of square cells; each cube that is not empty
//             widens the spans of the cells that it may lie behind.
// Threading:  immutable once made.
// Cost:       about seven cells for each small cube, all that it covers for a large one.
// Units:      distances along the rays, in voxels. Positions are relative to the index's origin.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/render/occupancy_index.h"
#include "voxel/render/ray_walk.h"
#include "voxel/render/vec3.h"

namespace voxel {

// Directions at right angles to a ray and to each other; unit vectors.
struct SpanAxes {
  Vec3 right;
  Vec3 up;
};
SpanAxes AxesAcross(Vec3 direction);

// A rectangle of that plane: from low to high by the axes.
struct PlaneWindow {
  double low[2] = {-1e300, -1e300};
  double high[2] = {1e300, 1e300};
};

class SpanMap {
 public:
  // At most about `most` cubes of the index are looked at, cells are at least `cell` wide. Of may
  // only be asked for rays through `window`. CALL_CANCELLED, DEADLINE_PASSED.
  static absl::StatusOr<SpanMap> Build(const OccupancyIndex& index, const RayDirection& direction,
                                       const SpanAxes& axes, double cell, size_t most,
                                       const PlaneWindow& window, const TaskContext& context);

  // A line through `origin` meets no voxel before `begin`. Where nothing is translucent, it leaves
  // empty space for a voxel only before `end`; else it meets none at all from there on. begin >=
  // end: it meets none. Distances are from `origin`.
  struct Span {
    double begin = 0;
    double end = 0;
  };
  Span Of(Vec3 origin) const;

 private:
  // Between distances of points of depth middle_; in few bytes, as rays come by in any order.
  struct Cell {
    float begin;
    float end;
  };
  // Where a cube's outline lies on the grid: cells [first, last], in both directions.
  struct Cells {
    int first[2];
    int last[2];
  };
  SpanMap(const OccupancyIndex& index, const RayDirection& direction, const SpanAxes& axes);
  // The grid of cells at least `cell` wide over what is both in `window` and in the index's bounds.
  // Around it is a border that a cube of side `smallest` cannot reach over.
  void LayOut(Vec3 half_bounds, double cell, double smallest, const PlaneWindow& window);
  // False where the cube is outside the grid.
  bool CellsOf(Vec3 center, double half_side, Cells& cells) const;
  // A cube of the smallest size: one distance for the whole of it.
  void AddSmall(Vec3 center);
  // Distances for each cell.
  void AddLarge(Vec3 center, double half_side);
  RayDirection direction_;
  SpanAxes axes_;
  double reach_[2];  // of a cube with sides of 2, from its middle along the axes
  double depth_;     // the same along the rays
  Vec3 middle_;      // of the bounds
  double slack_;     // voxels: more than rounding makes of any distance
  double low_[2];    // the grid's corner
  double high_[2];
  double cell_ = 1;  // side
  double per_cell_ = 1;
  int size_[2] = {0, 0};
  double small_reach_[2];  // of the smallest cubes, in cells
  double small_depth_;     // the same along the rays, in voxels
  int small_cells_[2];     // the most that one of them covers
  std::vector<Cell> cells_;
};

}  // namespace voxel
