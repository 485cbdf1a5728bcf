// A box as a shape.
#pragma once

#include "voxel/ops/shape.h"

namespace voxel {

class BoxShape {
 public:
  explicit BoxShape(const Box& box) : box_(box), block_(BlockOf(box)) {}

  Box bounds() const { return box_; }
  Coverage Classify(const Block& block) const {
    bool inside = true;
    for (int i = 0; i < 3; ++i) {
      if (block[i].last < block_[i].first || block[i].first > block_[i].last) {
        return Coverage::kOutside;
      }
      inside = inside && block[i].first >= block_[i].first && block[i].last <= block_[i].last;
    }
    return inside ? Coverage::kInside : Coverage::kPartial;
  }
  Interval Row(int64_t y, int64_t z) const {
    const bool in =
        y >= block_[1].first && y <= block_[1].last && z >= block_[2].first && z <= block_[2].last;
    return in ? block_[0] : Interval{};
  }

 private:
  Box box_;
  Block block_;
};

}  // namespace voxel
