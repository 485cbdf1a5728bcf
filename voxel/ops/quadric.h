// The ellipse or ellipsoid inscribed in some sides of a box, decided in integers.
//
// Form:       with d the doubled offsets from the middle and s the sizes of the round axes, a voxel
//             is inside if sum d_i^2 / s_i^2 <= 1; multiplied out: sum weight_i d_i^2 <= limit, all
//             divided by their common factor (a ball keeps weights of 1 and needs no division).
// REQUIRES:   the product of all sizes is at most 2^61, so that every term fits 128 bits.
#pragma once

#include <array>

#include "voxel/ops/centered.h"
#include "voxel/ops/floor_sqrt.h"
#include "voxel/ops/shape.h"

namespace voxel {

class Quadric {
 public:
  // Axes that are not `round` have weight 0.
  Quadric(const Box& box, std::array<bool, 3> round);

  const Centered& axis(int i) const { return axes_[i]; }
  Int128 limit() const { return limit_; }
  // weight * d * d. REQUIRES: 0 <= d < the size of the axis.
  Int128 Term(int i, int64_t d) const { return weights_[i] * d * d; }

  // Judges the round axes of `block`.
  Coverage Classify(const Block& block) const;
  // The x of the voxels inside at (y, z). If x is not a round axis: all of the box's.
  Interval Row(int64_t y, int64_t z) const;
  // The voxels of axis i whose term is at most `room`, of those in the box. REQUIRES: room >= 0.
  Interval Reach(int i, Int128 room) const;

 private:
  template <typename Int>
  Interval RowIn(int64_t dy, int64_t dz) const;

  std::array<Centered, 3> axes_;
  std::array<Int128, 3> weights_{};
  Int128 limit_ = 0;
  bool narrow_ = false;  // every sum of terms fits an int64
};

}  // namespace voxel
