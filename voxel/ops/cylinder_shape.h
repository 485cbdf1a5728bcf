// The cylinder inscribed in a box, its axis along one side: elliptic where the other two differ.
#pragma once

#include "voxel/grid/coord.h"
#include "voxel/ops/quadric.h"

namespace voxel {

// A ConvexShape. REQUIRES: the box holds at most 2^61 voxels.
class CylinderShape {
 public:
  CylinderShape(const Box& box, Axis axis)
      : box_(box),
        block_(BlockOf(box)),
        axis_(static_cast<int>(axis)),
        quadric_(box, {axis != Axis::kX, axis != Axis::kY, axis != Axis::kZ}) {}

  Box bounds() const { return box_; }
  Coverage Classify(const Block& block) const;
  Interval Row(int64_t y, int64_t z) const;

 private:
  Box box_;
  Block block_;
  int axis_;
  Quadric quadric_;
};

}  // namespace voxel
