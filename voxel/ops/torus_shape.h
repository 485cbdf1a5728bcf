// A torus: the voxels within `minor` of a circle of radius `major` about the middle of a voxel.
//
// Form:      with t the offset along the axis and s the squared distance from it, (sqrt(s) - R)^2 +
//            t^2 <= r^2. At a given t that is R^2 + h2 - root <= s <= R^2 + h2 + root with h2 = r^2
//            - t^2, root = sqrt(4 R^2 h2); rounding the root down changes no integer s. A tube
//            wider than the ring (r > R) closes the hole.
#pragma once

#include "voxel/grid/coord.h"
#include "voxel/ops/floor_sqrt.h"
#include "voxel/ops/shape.h"

namespace voxel {

// A RowShape. REQUIRES: bounds() lies in the world, which TorusBounds tells beforehand.
class TorusShape {
 public:
  TorusShape(Coord center, Axis axis, int64_t major, int64_t minor);

  Box bounds() const { return box_; }
  Coverage Classify(const Block& block) const;
  template <typename Fn>
  void ForEachInterval(int64_t y, int64_t z, Fn&& fn) const {
    Interval rows[2];
    const int n = Rows(y, z, rows);
    for (int i = 0; i < n; ++i) fn(rows[i]);
  }

 private:
  // The squared distances from the axis inside at `t`; empty if none is.
  Interval Ring(int64_t t) const;
  bool Holds(int64_t s, int64_t t) const;  // s = squared distance from the axis
  int Rows(int64_t y, int64_t z, Interval rows[2]) const;

  Coord center_;
  int axis_;
  int across_[2];
  int64_t major_;
  int64_t minor_;
  Box box_;
};

// The extent of such a torus, which may lie outside the world.
Block TorusBounds(Coord center, Axis axis, int64_t major, int64_t minor);

}  // namespace voxel
