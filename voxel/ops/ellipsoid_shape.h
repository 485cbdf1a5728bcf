// The ellipsoid inscribed in a box.
#pragma once

#include "voxel/ops/quadric.h"

namespace voxel {

// A ConvexShape. REQUIRES: the box holds at most 2^61 voxels.
class EllipsoidShape {
 public:
  explicit EllipsoidShape(const Box& box) : box_(box), quadric_(box, {true, true, true}) {}

  Box bounds() const { return box_; }
  Coverage Classify(const Block& block) const { return quadric_.Classify(block); }
  Interval Row(int64_t y, int64_t z) const { return quadric_.Row(y, z); }

 private:
  Box box_;
  Quadric quadric_;
};

}  // namespace voxel
