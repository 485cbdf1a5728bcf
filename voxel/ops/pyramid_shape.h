// The pyramid inscribed in a box: its base fills one end of the axis, its apex is the middle of the
// other. Its bounds are the box, whatever the proportions.
//
// Exactness: the layer k voxels from the base is the rectangle of the base scaled by (h - k) / h,
//            the width of the pyramid at the layer's side towards the base, as a cone's are. No
//            layer is less than the one, two or four voxels in the middle.
#pragma once

#include "voxel/grid/coord.h"
#include "voxel/ops/centered.h"

namespace voxel {

// A ConvexShape. REQUIRES: the box lies in the world.
class PyramidShape {
 public:
  // `flipped`: the base is at the high end.
  PyramidShape(const Box& box, Axis axis, bool flipped);

  Box bounds() const { return box_; }
  Coverage Classify(const Block& block) const;
  Interval Row(int64_t y, int64_t z) const;

 private:
  int64_t LayerOf(int64_t at) const { return flipped_ ? along_.last - at : at - along_.first; }
  // How far from the middle, in half voxels, axis `i` reaches in a layer; never grows from the base
  // to the apex. REQUIRES: 0 <= layer < height.
  int64_t Reach(int i, int64_t layer) const;
  Interval RowAlongAxis(int64_t y, int64_t z) const;

  Box box_;
  int axis_;
  bool flipped_;
  Interval along_;  // the box on the axis
  int64_t height_;
  Centered axes_[3];
};

}  // namespace voxel
