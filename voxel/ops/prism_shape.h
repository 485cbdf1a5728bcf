// A polygon drawn out along an axis.
//
// Exactness: a voxel belongs to the polygon if its centre lies on a side, or an odd number of sides
//            lie to one side of it on its row (the even-odd rule; each side counts its low end and
//            not its high one). Positions on sides are compared as fractions.
// Cost:      a row costs the corners; so does judging a block.
#pragma once

#include <vector>

#include "absl/container/inlined_vector.h"
#include "voxel/grid/coord.h"
#include "voxel/ops/shape.h"

namespace voxel {

// A RowShape.
class PrismShape {
 public:
  // The polygon through `corners`, of which the coordinate along the axis does not count, in the
  // layers `along`. REQUIRES: at least one corner; all lie in the world.
  PrismShape(const std::vector<Coord>& corners, Axis axis, const Interval& along);

  Box bounds() const { return BoxOf(bounds_); }
  // kPartial wherever a side passes through.
  Coverage Classify(const Block& block) const;

  template <typename Fn>
  void ForEachInterval(int64_t y, int64_t z, Fn&& fn) const {
    if (axis_ == 0) {
      if (Contains(y, z)) fn(bounds_[0]);
      return;
    }
    const int64_t layer = axis_ == 1 ? y : z;
    if (layer < bounds_[axis_].first || layer > bounds_[axis_].last) return;
    for (const Interval& span : Spans(axis_ == 1 ? z : y)) fn(span);
  }

 private:
  using Intervals = absl::InlinedVector<Interval, 8>;

  // A side in the plane, its end with the smaller v first.
  struct Side {
    int64_t u0, v0, u1, v1;
  };

  // The u of the voxels of the polygon at `v`: disjoint, in rising order.
  Intervals Spans(int64_t v) const;
  bool Contains(int64_t u, int64_t v) const;
  // Whether the side has a point in the rectangle.
  static bool Meets(const Side& side, const Interval& u, const Interval& v);

  int axis_;
  int u_;  // the axes of the plane
  int v_;
  std::vector<Side> sides_;
  Block bounds_;
};

}  // namespace voxel
