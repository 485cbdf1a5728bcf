#include "voxel/ops/torus_shape.h"

#include <algorithm>

namespace voxel {
namespace {

// The least and greatest squared offset from `center` in a range.
Interval Squares(const Interval& range, int64_t center) {
  const int64_t low = range.first - center;
  const int64_t high = range.last - center;
  const int64_t nearest = low > 0 ? low : high < 0 ? -high : 0;
  const int64_t farthest = std::max(-low, high);
  return {nearest * nearest, farthest * farthest};
}

}  // namespace

Block TorusBounds(Coord center, Axis axis, int64_t major, int64_t minor) {
  Block block;
  for (int i = 0; i < 3; ++i) {
    const int64_t reach = minor + (i == static_cast<int>(axis) ? 0 : major);
    block[i] = {center[i] - reach, center[i] + reach};
  }
  return block;
}

TorusShape::TorusShape(Coord center, Axis axis, int64_t major, int64_t minor)
    : center_(center),
      axis_(static_cast<int>(axis)),
      across_{axis_ == 0 ? 1 : 0, axis_ == 2 ? 1 : 2},
      major_(major),
      minor_(minor),
      box_(BoxOf(TorusBounds(center, axis, major, minor))) {}

Interval TorusShape::Ring(int64_t t) const {
  const int64_t h2 = minor_ * minor_ - t * t;
  if (h2 < 0) return {};
  const int64_t middle = major_ * major_ + h2;
  const int64_t root = FloorSqrt(Int128{4 * major_ * major_} * h2);
  // Where the tube reaches over the axis, its near side is the axis itself.
  return {h2 > major_ * major_ ? 0 : middle - root, middle + root};
}

bool TorusShape::Holds(int64_t s, int64_t t) const {
  const Interval ring = Ring(t);
  return s >= ring.first && s <= ring.last;
}

Coverage TorusShape::Classify(const Block& block) const {
  for (int i = 0; i < 3; ++i) {
    if (block[i].first >= box_.max[i] || block[i].last < box_.min[i]) return Coverage::kOutside;
  }
  const Interval t2 = Squares(block[axis_], center_[axis_]);
  if (t2.first > minor_ * minor_) return Coverage::kOutside;
  const Interval u = Squares(block[across_[0]], center_[across_[0]]);
  const Interval v = Squares(block[across_[1]], center_[across_[1]]);
  const Interval s{u.first + v.first, u.last + v.last};
  const Interval widest = Ring(FloorSqrt(t2.first));
  if (s.last < widest.first || s.first > widest.last) return Coverage::kOutside;
  // Both ends inside at the far side: everything between is, too, since the ring narrows with |t|.
  const int64_t t = FloorSqrt(t2.last);
  return Holds(s.first, t) && Holds(s.last, t) ? Coverage::kInside : Coverage::kPartial;
}

int TorusShape::Rows(int64_t y, int64_t z, Interval rows[2]) const {
  const int64_t dy = y - center_.y;
  const int64_t dz = z - center_.z;
  if (axis_ == 0) {
    // t^2 <= r^2 - R^2 - s + 2 R sqrt(s)
    const int64_t s = dy * dy + dz * dz;
    const int64_t room =
        minor_ * minor_ - major_ * major_ - s + FloorSqrt(Int128{4 * major_ * major_} * s);
    if (room < 0) return 0;
    const int64_t reach = FloorSqrt(room);
    rows[0] = {center_.x - reach, center_.x + reach};
    return 1;
  }
  const int64_t t = axis_ == 1 ? dy : dz;
  const int64_t d = axis_ == 1 ? dz : dy;
  const Interval ring = Ring(t).Shifted(-d * d);
  if (ring.last < 0 || ring.empty()) return 0;
  const int64_t outer = FloorSqrt(ring.last);
  if (ring.first <= 0) {
    rows[0] = {center_.x - outer, center_.x + outer};
    return 1;
  }
  int64_t inner = FloorSqrt(ring.first);
  if (inner * inner < ring.first) ++inner;
  rows[0] = {center_.x - outer, center_.x - inner};
  rows[1] = {center_.x + inner, center_.x + outer};
  return 2;
}

}  // namespace voxel
