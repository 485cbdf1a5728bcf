#include "voxel/ops/cylinder_shape.h"

namespace voxel {

Coverage CylinderShape::Classify(const Block& block) const {
  const Interval& along = block[axis_];
  const Interval common = along.Intersection(block_[axis_]);
  if (common.empty()) return Coverage::kOutside;
  const Coverage across = quadric_.Classify(block);
  return across == Coverage::kInside && common != along ? Coverage::kPartial : across;
}

Interval CylinderShape::Row(int64_t y, int64_t z) const {
  const int64_t at[3] = {0, y, z};
  if (axis_ != 0 && (at[axis_] < block_[axis_].first || at[axis_] > block_[axis_].last)) return {};
  return quadric_.Row(y, z);
}

}  // namespace voxel
