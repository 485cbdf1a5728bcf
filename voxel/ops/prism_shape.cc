#include "voxel/ops/prism_shape.h"

#include <algorithm>
#include <utility>

#include "voxel/ops/floor_sqrt.h"

namespace voxel {
namespace {

// A side at one row, at floor + part / whole. Both parts are below 2^31, so products fit.
struct Crossing {
  int64_t floor = 0;
  int64_t part = 0;
  int64_t whole = 1;

  int64_t ceil() const { return floor + (part != 0); }
  friend bool operator<(const Crossing& a, const Crossing& b) {
    if (a.floor != b.floor) return a.floor < b.floor;
    return a.part * b.whole < b.part * a.whole;
  }
};

Crossing At(int64_t u0, int64_t u1, int64_t step, int64_t steps) {
  const int64_t moved = (u1 - u0) * step;  // below 2^62
  int64_t whole = moved / steps;
  int64_t part = moved % steps;
  if (part < 0) {
    part += steps;
    --whole;
  }
  return {u0 + whole, part, steps};
}

}  // namespace

PrismShape::PrismShape(const std::vector<Coord>& corners, Axis axis, const Interval& along)
    : axis_(static_cast<int>(axis)), u_(axis_ == 0 ? 1 : 0), v_(axis_ == 2 ? 1 : 2) {
  bounds_[axis_] = along;
  for (const int i : {u_, v_}) bounds_[i] = {corners[0][i], corners[0][i]};
  for (size_t k = 0; k < corners.size(); ++k) {
    const Coord& a = corners[k];
    const Coord& b = corners[(k + 1) % corners.size()];
    for (const int i : {u_, v_}) {
      bounds_[i].first = std::min<int64_t>(bounds_[i].first, a[i]);
      bounds_[i].last = std::max<int64_t>(bounds_[i].last, a[i]);
    }
    if (a[v_] <= b[v_]) {
      sides_.push_back({a[u_], a[v_], b[u_], b[v_]});
    } else {
      sides_.push_back({b[u_], b[v_], a[u_], a[v_]});
    }
  }
}

PrismShape::Intervals PrismShape::Spans(int64_t v) const {
  Intervals spans;
  absl::InlinedVector<Crossing, 8> crossings;
  for (const Side& side : sides_) {
    if (v < side.v0 || v > side.v1) continue;
    if (side.v0 == side.v1) {
      spans.push_back({std::min(side.u0, side.u1), std::max(side.u0, side.u1)});
      continue;
    }
    const Crossing crossing = At(side.u0, side.u1, v - side.v0, side.v1 - side.v0);
    if (crossing.part == 0) spans.push_back({crossing.floor, crossing.floor});
    if (v < side.v1) crossings.push_back(crossing);
  }
  std::sort(crossings.begin(), crossings.end());
  for (size_t i = 0; i + 1 < crossings.size(); i += 2) {
    const Interval span{crossings[i].ceil(), crossings[i + 1].floor};
    if (!span.empty()) spans.push_back(span);
  }
  std::sort(spans.begin(), spans.end(),
            [](const Interval& a, const Interval& b) { return a.first < b.first; });
  Intervals merged;
  for (const Interval& span : spans) {
    if (!merged.empty() && span.first <= merged.back().last + 1) {
      merged.back().last = std::max(merged.back().last, span.last);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

bool PrismShape::Contains(int64_t u, int64_t v) const {
  const Intervals spans = Spans(v);
  return std::any_of(spans.begin(), spans.end(),
                     [u](const Interval& span) { return span.first <= u && u <= span.last; });
}

bool PrismShape::Meets(const Side& side, const Interval& u, const Interval& v) {
  if (side.v1 < v.first || side.v0 > v.last) return false;
  if (std::max(side.u0, side.u1) < u.first || std::min(side.u0, side.u1) > u.last) return false;
  // The rectangle is missed if all its corners lie on one side of the line.
  bool left = false;
  bool right = false;
  for (const int64_t at_u : {u.first, u.last}) {
    for (const int64_t at_v : {v.first, v.last}) {
      const Int128 turn = Int128{side.u1 - side.u0} * (at_v - side.v0) -
                          Int128{side.v1 - side.v0} * (at_u - side.u0);
      left = left || turn >= 0;
      right = right || turn <= 0;
    }
  }
  return left && right;
}

Coverage PrismShape::Classify(const Block& block) const {
  for (int i = 0; i < 3; ++i) {
    if (block[i].Intersection(bounds_[i]).empty()) return Coverage::kOutside;
  }
  for (const Side& side : sides_) {
    if (Meets(side, block[u_], block[v_])) return Coverage::kPartial;
  }
  // No side passes through: one voxel tells of all.
  if (!Contains(block[u_].first, block[v_].first)) return Coverage::kOutside;
  const Interval& along = block[axis_];
  return along.Intersection(bounds_[axis_]) == along ? Coverage::kInside : Coverage::kPartial;
}

}  // namespace voxel
