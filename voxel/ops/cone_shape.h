// The cone inscribed in a box: its base fills one end of the axis, its apex is the middle of the
// other. Its bounds are the box, whatever the proportions.
//
// Exactness: the layer k voxels from the base is the ellipse of the base scaled by (h - k) / h, the
//            width of the cone at the layer's side towards the base; so the base touches the sides
//            of the box, as in WorldEdit. No layer is less than the one, two or four voxels in the
//            middle, or the apex of a steep cone would end short of the box.
#pragma once

#include "voxel/grid/coord.h"
#include "voxel/ops/quadric.h"

namespace voxel {

// A ConvexShape. REQUIRES: the box holds at most 2^61 voxels.
class ConeShape {
 public:
  // `flipped`: the base is at the high end.
  ConeShape(const Box& box, Axis axis, bool flipped);

  Box bounds() const { return box_; }
  Coverage Classify(const Block& block) const;
  Interval Row(int64_t y, int64_t z) const;

 private:
  int64_t LayerOf(int64_t at) const { return flipped_ ? along_.last - at : at - along_.first; }
  // What the sum of the terms may be in a layer; never grows from the base to the apex.
  // REQUIRES: 0 <= layer < height.
  Int128 Room(int64_t layer) const;
  // Whether the voxels at these absolute offsets are inside in `layer`; false beyond the box.
  bool Holds(int64_t layer, int64_t d0, int64_t d1) const;
  Interval RowAlongAxis(int64_t y, int64_t z) const;

  Box box_;
  int axis_;
  int across_[2];  // the other two
  bool flipped_;
  Interval along_;  // the box on the axis
  int64_t height_;
  Int128 root_;    // limit of the base = root^2
  Int128 middle_;  // the sum of the terms of the voxels in the middle
  Quadric quadric_;
};

}  // namespace voxel
