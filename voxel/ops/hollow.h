// A convex shape with a wall: its voxels that leave the shape within `wall` steps along some axis.
//
// Exactness: the hollow is the intersection of the shape's six copies shifted by `wall` along the
//            axes; for rows that are intervals this is "all 6 * wall neighbours are inside". A box
//            leaves the box shrunk by `wall`.
#pragma once

#include <utility>

#include "voxel/ops/shape.h"

namespace voxel {

// A RowShape. REQUIRES: wall >= 1.
template <ConvexShape S>
class Hollow {
 public:
  Hollow(S solid, int64_t wall) : solid_(std::move(solid)), wall_(wall) {}

  Box bounds() const { return solid_.bounds(); }

  Coverage Classify(const Block& block) const {
    const Coverage outer = solid_.Classify(block);
    if (outer == Coverage::kOutside) return outer;
    const Coverage inner = ClassifyInner(block);
    if (inner == Coverage::kInside) return Coverage::kOutside;
    return inner == Coverage::kOutside ? outer : Coverage::kPartial;
  }

  template <typename Fn>
  void ForEachInterval(int64_t y, int64_t z, Fn&& fn) const {
    const Interval outer = solid_.Row(y, z);
    if (outer.empty()) return;
    const Interval inner = InnerRow(outer, y, z);
    if (inner.empty()) {
      fn(outer);
      return;
    }
    fn(Interval{outer.first, inner.first - 1});
    fn(Interval{inner.last + 1, outer.last});
  }

 private:
  Coverage ClassifyInner(const Block& block) const {
    bool inside = true;
    for (int i = 0; i < 6; ++i) {
      Block shifted = block;
      shifted[i >> 1] = shifted[i >> 1].Shifted((i & 1) != 0 ? wall_ : -wall_);
      const Coverage coverage = solid_.Classify(shifted);
      if (coverage == Coverage::kOutside) return coverage;
      inside = inside && coverage == Coverage::kInside;
    }
    return inside ? Coverage::kInside : Coverage::kPartial;
  }

  Interval InnerRow(const Interval& outer, int64_t y, int64_t z) const {
    Interval row{outer.first + wall_, outer.last - wall_};
    row = row.Intersection(solid_.Row(y - wall_, z)).Intersection(solid_.Row(y + wall_, z));
    return row.Intersection(solid_.Row(y, z - wall_)).Intersection(solid_.Row(y, z + wall_));
  }

  S solid_;
  int64_t wall_;
};

}  // namespace voxel
