// Distances from the middle of an extent, in half voxels, so that a middle between two voxels is
// exact.
#pragma once

#include <algorithm>
#include <cstdint>

#include "voxel/ops/shape.h"

namespace voxel {

// One axis of a box: its doubled middle and its size. Voxel x lies Offset(x) half voxels off the
// middle; those of the extent itself have |Offset| <= size - 1.
class Centered {
 public:
  Centered() = default;
  Centered(const Box& box, int axis)
      : middle2_(int64_t{box.min[axis]} + box.max[axis] - 1), size_(box.Size(axis)) {}
  // The extent that is just the voxel `at`.
  explicit Centered(int64_t at) : middle2_(2 * at), size_(1) {}

  int64_t size() const { return size_; }
  int64_t Offset(int64_t x) const { return 2 * x - middle2_; }
  // The least and the greatest |Offset| in a range.
  int64_t Nearest(const Interval& range) const {
    const int64_t low = Offset(range.first);
    const int64_t high = Offset(range.last);
    if (low >= 0) return low;
    if (high <= 0) return -high;
    return middle2_ &
           1;  // the range goes across the middle, and parity says whether a voxel lies on it
  }
  int64_t Farthest(const Interval& range) const {
    return std::max(-Offset(range.first), Offset(range.last));
  }
  // The voxels with |Offset| <= reach; empty if there are none.
  Interval Within(int64_t reach) const {
    if (reach < 0) return {};
    return {-((reach - middle2_) >> 1), (reach + middle2_) >> 1};
  }

 private:
  int64_t middle2_ = 0;
  int64_t size_ = 0;
};

}  // namespace voxel
