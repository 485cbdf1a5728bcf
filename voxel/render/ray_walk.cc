#include "voxel/render/ray_walk.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace voxel {
namespace {

constexpr double kHuge = 1e30;
// What Descend finds where it finds no empty cube.
constexpr int kVoxel = -1;
constexpr int kBrick = -2;

double Inverse(double component) { return component == 0 ? kHuge : 1 / component; }
uint32_t Upward(double component) { return component >= 0 ? ~0u : 0u; }

// The coordinate the ray has reached inside the cube [base, base + size), kept inside against
// rounding.
inline uint32_t Within(double reached, uint32_t base, uint32_t size) {
  const int64_t low = base;
  return uint32_t(std::clamp<int64_t>(int64_t(reached), low, low + size - 1));
}

// A position within a brick in 5 bits per axis. The fifth is set by a step out of the brick,
// upwards or down.
constexpr int kPackedBits = 5;
constexpr uint32_t kOutside = 1u << 4 | 1u << 9 | 1u << 14;

uint32_t Pack(Position p) { return (p.x & 15) | (p.y & 15) << 5 | (p.z & 15) << 10; }

Position Unpack(Position base, uint32_t packed) {
  return {base.x + (packed & 15), base.y + (packed >> 5 & 15), base.z + (packed >> 10 & 15)};
}

bool HasVoxel(const uint64_t* words, uint32_t packed) {
  const uint32_t word = packed >> 10 << 2 | (packed >> 7 & 3);
  const uint32_t bit = (packed >> 5 & 3) << 4 | (packed & 15);
  return (words[word] >> bit & 1) != 0;
}

}  // namespace

RayDirection::RayDirection(Vec3 direction)
    : d(direction),
      inverse{Inverse(direction.x), Inverse(direction.y), Inverse(direction.z)},
      upward{Upward(direction.x), Upward(direction.y), Upward(direction.z)} {
  for (size_t axis = 0; axis < 3; ++axis) {
    voxel_t[axis] = std::abs(inverse[int(axis)]);
    packed_step[axis] = (upward[axis] != 0 ? 1 : ~0u) << (kPackedBits * axis);
  }
}

RayWalk::RayWalk(const OccupancyIndex& index, const RayDirection& direction, Vec3 origin,
                 double begin, double end)
    : index_(index), direction_(direction), origin_(origin), end_(end) {
  state_.t = begin;
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
                 Position voxel, double end)
    : index_(index), direction_(direction), origin_(origin), end_(end), leave_(true) {
  state_.at = voxel;
  state_.level = index.top_;
  path_[size_t(index.top_)] = 0;
  alive_ = index.InBounds(voxel) && Clip();
}

bool RayWalk::Clip() {
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

int RayWalk::Descend(State& s) {
  for (;;) {
    const OccupancyIndex::Node& node = index_.nodes_[path_[size_t(s.level)]];
    const int shift = 2 * s.level;
    const uint32_t slot = OccupancyIndex::Slot(s.at.x, s.at.y, s.at.z, shift);
    if ((node.filled >> slot & 1) == 0) return shift;
    if ((node.full >> slot & 1) != 0) return kVoxel;
    path_[size_t(s.level - 1)] = node.child[slot];
    if (s.level == 2) return kBrick;
    --s.level;
  }
}

bool RayWalk::CrossBrick(State& s, int& steps) const {
  const RayDirection& dir = direction_;
  const uint64_t* words = index_.bricks_[path_[1]];
  const Position base{s.at.x & ~15u, s.at.y & ~15u, s.at.z & ~15u};
  uint32_t at = Pack(s.at);
  if (HasVoxel(words, at)) return true;
  const auto plane = [](uint32_t from, uint32_t upward, double o, double inverse) {
    return (double(int64_t{from} + (upward & 1)) - o) * inverse;
  };
  double next_x = plane(s.at.x, dir.upward[0], origin_.x, dir.inverse.x);
  double next_y = plane(s.at.y, dir.upward[1], origin_.y, dir.inverse.y);
  double next_z = plane(s.at.z, dir.upward[2], origin_.z, dir.inverse.z);
  // In registers and without a branch on the axis, which no processor could predict.
  const double dx = dir.voxel_t[0], dy = dir.voxel_t[1], dz = dir.voxel_t[2];
  const uint32_t sx = dir.packed_step[0], sy = dir.packed_step[1], sz = dir.packed_step[2];
  double t = 0;
  uint32_t step = 0;
  bool is_x = false;
  bool is_y = false;
  bool found = false;
  do {
    ++steps;
    is_x = (next_x <= next_y) & (next_x <= next_z);
    is_y = !is_x & (next_y <= next_z);
    const bool is_z = !is_x & !is_y;
    t = std::min(std::min(next_x, next_y), next_z);
    next_x += is_x ? dx : 0.0;
    next_y += is_y ? dy : 0.0;
    next_z += is_z ? dz : 0.0;
    step = is_x ? sx : is_y ? sy : sz;
    at += step;
    if (((at & kOutside) != 0) | (t >= end_)) break;
    found = HasVoxel(words, at);
  } while (!found);
  s.t = t;
  s.axis = is_x ? 0 : is_y ? 1 : 2;
  if (found) {
    s.at = Unpack(base, at);
    return true;
  }
  Position outside =
      Unpack(base, at - step);  // a borrow may have left its digits: step again in full width
  Component(outside, s.axis) += dir.upward[size_t(s.axis)] != 0 ? 1 : ~0u;
  MoveTo(s, outside);
  return false;
}

bool RayWalk::Leave(State& s, int shift) const {
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
  Position next = {Within(origin_.x + dir.d.x * s.t, base.x, size),
                   Within(origin_.y + dir.d.y * s.t, base.y, size),
                   Within(origin_.z + dir.d.z * s.t, base.z, size)};
  // Of planes crossed together the first axis' one is taken; the others follow by steps of their
  // own. All three are worked out and one is chosen without a branch, which no processor could
  // predict.
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
  return MoveTo(s, next);
}

bool RayWalk::MoveTo(State& s, Position next) const {
  const uint32_t changed = (s.at.x ^ next.x) | (s.at.y ^ next.y) | (s.at.z ^ next.z);
  s.level = std::max(s.level, (31 - std::countl_zero(changed)) / 2);
  s.at = next;
  return s.level <= index_.top_;
}

bool RayWalk::Find(State& s, int& steps) {
  if (leave_) {
    ++steps;
    if (!Leave(s, 0)) return false;
  }
  for (;;) {
    const int found = Descend(s);
    if (found == kVoxel) return true;
    if (found == kBrick) {
      if (CrossBrick(s, steps)) return true;
      if (s.t >= end_ || s.level > index_.top_) return false;
    } else {
      ++steps;
      if (!Leave(s, found)) return false;
    }
  }
}

bool RayWalk::Next(WalkHit& hit) {
  if (!alive_) return false;
  State s = state_;
  int steps = 0;
  alive_ = Find(s, steps);
  if (!alive_) return false;
  hit = {s.at, s.t, s.axis, leave_ && steps == 1};
  state_ = s;
  leave_ = true;
  return true;
}

}  // namespace voxel
