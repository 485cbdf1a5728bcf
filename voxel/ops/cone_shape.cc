#include "voxel/ops/cone_shape.h"

#include <algorithm>
#include <cstdlib>

namespace voxel {

ConeShape::ConeShape(const Box& box, Axis axis, bool flipped)
    : box_(box),
      axis_(static_cast<int>(axis)),
      across_{axis_ == 0 ? 1 : 0, axis_ == 2 ? 1 : 2},
      flipped_(flipped),
      along_(BlockOf(box)[axis_]),
      height_(box.Size(axis_)),
      quadric_(box, {axis != Axis::kX, axis != Axis::kY, axis != Axis::kZ}) {
  root_ = FloorSqrt(quadric_.limit());
  // In half voxels the middle of an even extent is 1 away, that of an odd one is a voxel.
  middle_ = 0;
  for (const int i : across_) middle_ += quadric_.Term(i, 1 - quadric_.axis(i).size() % 2);
}

Int128 ConeShape::Room(int64_t layer) const {
  const Int128 scaled = root_ * (height_ - layer);  // at most the voxels of the box
  return std::max(scaled * scaled / (Int128{height_} * height_), middle_);
}

bool ConeShape::Holds(int64_t layer, int64_t d0, int64_t d1) const {
  if (layer < 0 || layer >= height_ || d0 >= quadric_.axis(across_[0]).size() ||
      d1 >= quadric_.axis(across_[1]).size()) {
    return false;
  }
  return quadric_.Term(across_[0], d0) + quadric_.Term(across_[1], d1) <= Room(layer);
}

Coverage ConeShape::Classify(const Block& block) const {
  const Interval common = block[axis_].Intersection(along_);
  if (common.empty()) return Coverage::kOutside;
  // The layers of the block: the one nearest to the base is the widest.
  const int64_t widest = std::min(LayerOf(common.first), LayerOf(common.last));
  const int64_t narrowest = std::max(LayerOf(common.first), LayerOf(common.last));
  const Centered& u = quadric_.axis(across_[0]);
  const Centered& v = quadric_.axis(across_[1]);
  const Interval& bu = block[across_[0]];
  const Interval& bv = block[across_[1]];
  if (!Holds(widest, u.Nearest(bu), v.Nearest(bv))) return Coverage::kOutside;
  const bool inside = common == block[axis_] && Holds(narrowest, u.Farthest(bu), v.Farthest(bv));
  return inside ? Coverage::kInside : Coverage::kPartial;
}

Interval ConeShape::Row(int64_t y, int64_t z) const {
  if (axis_ == 0) return RowAlongAxis(y, z);
  const int64_t layer = LayerOf(axis_ == 1 ? y : z);
  const int other = axis_ == 1 ? 2 : 1;
  const int64_t d = std::abs(quadric_.axis(other).Offset(axis_ == 1 ? z : y));
  if (!Holds(layer, 0, d)) return {};
  return quadric_.Reach(0, Room(layer) - quadric_.Term(other, d));
}

Interval ConeShape::RowAlongAxis(int64_t y, int64_t z) const {
  const int64_t dy = std::abs(quadric_.axis(1).Offset(y));
  const int64_t dz = std::abs(quadric_.axis(2).Offset(z));
  if (!Holds(0, dy, dz)) return {};
  const Int128 sum = quadric_.Term(1, dy) + quadric_.Term(2, dz);
  if (sum <= middle_) return along_;
  // Layers are inside while width^2 * limit >= sum * h^2, where width = h - k.
  const Int128 limit = quadric_.limit();
  const Int128 square = (sum * height_ * height_ + limit - 1) / limit;
  int64_t width = FloorSqrt(square);
  if (Int128{width} * width < square) ++width;
  const int64_t last = height_ - width;
  return flipped_ ? Interval{along_.last - last, along_.last}
                  : Interval{along_.first, along_.first + last};
}

}  // namespace voxel
