#include "voxel/render/ray_walk.h"

#include <algorithm>
#include <bit>

namespace voxel {
namespace {

constexpr double kHuge = 1e30;

double Inverse(double component) { return component == 0 ? kHuge : 1 / component; }
uint32_t Upward(double component) { return component >= 0 ? ~0u : 0u; }

// The coordinate the ray has reached inside the cube [base, base + size), kept inside against rounding.
inline uint32_t Within(double reached, uint32_t base, uint32_t size) {
  const int64_t low = base;
  return uint32_t(std::clamp<int64_t>(int64_t(reached), low, low + size - 1));
}

}  // namespace

RayDirection::RayDirection(Vec3 direction)
    : d(direction),
      inverse{Inverse(direction.x), Inverse(direction.y), Inverse(direction.z)},
      upward{Upward(direction.x), Upward(direction.y), Upward(direction.z)} {}

RayWalk::RayWalk(const OccupancyIndex& index, const RayDirection& direction, Vec3 origin,
                 double start)
    : index_(index), direction_(direction), origin_(origin) {
  state_.t = start;
  state_.level = index.top_;
  path_[size_t(index.top_)] = 0;
  alive_ = Clip();
  if (!alive_) return;
  const Vec3 entry = origin + direction.d * state_.t;
  const Position low = index.low();
  const Position high = index.high();
  state_.at = {Within(entry.x, low.x, high.x - low.x), Within(entry.y, low.y, high.y - low.y),
               Within(entry.z, low.z, high.z - low.z)};
}

RayWalk::RayWalk(const OccupancyIndex& index, const RayDirection& direction, Vec3 origin,
                 Position voxel)
    : index_(index), direction_(direction), origin_(origin), leave_(true) {
  state_.at = voxel;
  state_.level = index.top_;
  path_[size_t(index.top_)] = 0;
  alive_ = index.InBounds(voxel) && Clip();
}

bool RayWalk::Clip() {
  end_ = kHuge;
  const Vec3 low{double(index_.low_.x), double(index_.low_.y), double(index_.low_.z)};
  const Vec3 high{double(index_.high_.x), double(index_.high_.y), double(index_.high_.z)};
  for (int axis = 0; axis < 3; ++axis) {
    const double o = origin_[axis];
    if (direction_.d[axis] == 0) {
      if (o < low[axis] || o >= high[axis]) return false;
      continue;
    }
    const bool up = direction_.upward[size_t(axis)] != 0;
    const double in = ((up ? low : high)[axis] - o) * direction_.inverse[axis];
    const double out = ((up ? high : low)[axis] - o) * direction_.inverse[axis];
    end_ = std::min(end_, out);
    if (in > state_.t) {
      state_.t = in;
      state_.axis = axis;
    }
  }
  return state_.t < end_;
}

inline bool RayWalk::Descend(State& s, int& shift) {
  while (s.level >= 2) {
    const OccupancyIndex::Node& node = index_.nodes_[path_[size_t(s.level)]];
    shift = 2 * s.level;
    const uint32_t slot = OccupancyIndex::Slot(s.at.x, s.at.y, s.at.z, shift);
    if ((node.filled >> slot & 1) == 0) return false;
    if ((node.full >> slot & 1) != 0) return true;
    path_[size_t(--s.level)] = node.child[slot];
  }
  const OccupancyIndex::BrickBits& brick = index_.bricks_[path_[1]];
  if (s.level == 1) {
    shift = 2;
    if ((brick.cubes >> OccupancyIndex::Slot(s.at.x, s.at.y, s.at.z, 2) & 1) == 0) return false;
    s.level = 0;
  }
  shift = 0;
  return brick.Get(s.at.x, s.at.y, s.at.z);
}

inline bool RayWalk::Leave(State& s, int shift) {
  const RayDirection& dir = direction_;
  const uint32_t size = 1u << shift;
  const Position base{s.at.x & -size, s.at.y & -size, s.at.z & -size};
  const auto crossing = [size](uint32_t from, uint32_t upward, double o, double inverse) {
    return (double(int64_t{from} + (size & upward)) - o) * inverse;
  };
  const double tx = crossing(base.x, dir.upward[0], origin_.x, dir.inverse.x);
  const double ty = crossing(base.y, dir.upward[1], origin_.y, dir.inverse.y);
  const double tz = crossing(base.z, dir.upward[2], origin_.z, dir.inverse.z);
  s.t = std::min(std::min(tx, ty), tz);
  if (s.t >= end_) return false;
  Position next = s.at;
  if (size > 1) {
    next = {Within(origin_.x + dir.d.x * s.t, base.x, size),
            Within(origin_.y + dir.d.y * s.t, base.y, size),
            Within(origin_.z + dir.d.z * s.t, base.z, size)};
  }
  // Of planes crossed together the first axis' one is taken; the others follow by steps of their own. All three are
  // worked out and one is chosen without a branch, which no processor could predict.
  const Position past{dir.upward[0] != 0 ? base.x + size : base.x - 1,
                      dir.upward[1] != 0 ? base.y + size : base.y - 1,
                      dir.upward[2] != 0 ? base.z + size : base.z - 1};
  const uint32_t cross_x = tx == s.t ? ~0u : 0u;
  const uint32_t cross_y = (ty == s.t ? ~0u : 0u) & ~cross_x;
  const uint32_t cross_z = ~(cross_x | cross_y);
  next.x ^= (next.x ^ past.x) & cross_x;
  next.y ^= (next.y ^ past.y) & cross_y;
  next.z ^= (next.z ^ past.z) & cross_z;
  s.axis = int((cross_y & 1) | (cross_z & 2));
  // Up to the lowest node that holds both the old position and the new one.
  const uint32_t changed = (s.at.x ^ next.x) | (s.at.y ^ next.y) | (s.at.z ^ next.z);
  s.level = std::max(s.level, (31 - std::countl_zero(changed)) / 2);
  s.at = next;
  return s.level <= index_.top_;
}

bool RayWalk::Next(RayHit& hit) {
  if (!alive_) return false;
  State s = state_;
  int steps = 0;
  int shift = 0;
  bool found = false;
  do {
    found = !(leave_ && steps == 0) && Descend(s, shift);
    if (found) break;
    alive_ = Leave(s, shift);
    ++steps;
  } while (alive_);
  if (!alive_) return false;
  hit = {s.at, s.t, s.axis, leave_ && steps == 1};
  state_ = s;
  leave_ = true;
  return true;
}

}  // namespace voxel
