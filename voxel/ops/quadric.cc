#include "voxel/ops/quadric.h"

#include <cstdlib>
#include <numeric>

namespace voxel {

Quadric::Quadric(const Box& box, std::array<bool, 3> round) {
  int64_t product = 1;
  for (int i = 0; i < 3; ++i) {
    axes_[i] = Centered(box, i);
    if (round[i]) product *= axes_[i].size();
  }
  // Each weight is a square: that of the product of the other sizes. So their common factor is a
  // square as well.
  int64_t factor = 0;
  for (int i = 0; i < 3; ++i) {
    if (round[i]) factor = std::gcd(factor, product / axes_[i].size());
  }
  for (int i = 0; i < 3; ++i) {
    if (!round[i]) continue;
    const Int128 root = product / axes_[i].size() / factor;
    weights_[i] = root * root;
  }
  const int64_t root = product / factor;
  limit_ = Int128{root} * root;
  narrow_ = limit_ < (Int128{1} << 61);
}

Coverage Quadric::Classify(const Block& block) const {
  Int128 least = 0;
  Int128 greatest = 0;
  bool inside = true;
  for (int i = 0; i < 3; ++i) {
    if (weights_[i] == 0) continue;
    const int64_t nearest = axes_[i].Nearest(block[i]);
    if (nearest >= axes_[i].size()) return Coverage::kOutside;  // also keeps the terms small
    const int64_t farthest = axes_[i].Farthest(block[i]);
    inside = inside && farthest < axes_[i].size();
    least += Term(i, nearest);
    if (inside) greatest += Term(i, farthest);
  }
  if (least > limit_) return Coverage::kOutside;
  return inside && greatest <= limit_ ? Coverage::kInside : Coverage::kPartial;
}

Interval Quadric::Row(int64_t y, int64_t z) const {
  const int64_t dy = weights_[1] == 0 ? 0 : std::abs(axes_[1].Offset(y));
  const int64_t dz = weights_[2] == 0 ? 0 : std::abs(axes_[2].Offset(z));
  if (dy >= axes_[1].size() || dz >= axes_[2].size()) return {};
  return narrow_ ? RowIn<int64_t>(dy, dz) : RowIn<Int128>(dy, dz);
}

template <typename Int>
Interval Quadric::RowIn(int64_t dy, int64_t dz) const {
  const Int room = static_cast<Int>(limit_) - static_cast<Int>(weights_[1]) * dy * dy -
                   static_cast<Int>(weights_[2]) * dz * dz;
  if (room < 0) return {};
  const auto weight = static_cast<Int>(weights_[0]);
  if (weight == 1) return axes_[0].Within(FloorSqrt(room));
  if (weight == 0) return axes_[0].Within(axes_[0].size() - 1);
  return axes_[0].Within(FloorSqrt(static_cast<Int>(room / weight)));
}

Interval Quadric::Reach(int i, Int128 room) const {
  const Int128 square = Int128{axes_[i].size() - 1} * (axes_[i].size() - 1);
  if (weights_[i] == 0 || room / weights_[i] >= square) return axes_[i].Within(axes_[i].size() - 1);
  return axes_[i].Within(FloorSqrt(static_cast<Int128>(room / weights_[i])));
}

}  // namespace voxel
