// Half-open boxes [min, max) of voxels.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "voxel/grid/coord.h"

namespace voxel {

struct Box {
  Coord min;
  Coord max;  // exclusive; a coordinate may be kMaxCoord here

  friend constexpr bool operator==(const Box&, const Box&) = default;

  constexpr bool empty() const { return min.x >= max.x || min.y >= max.y || min.z >= max.z; }
  // Only for boxes of at most 2^31 on a side, which every box inside the world is.
  constexpr int64_t Size(int axis) const { return int64_t{max[axis]} - min[axis]; }
  constexpr bool Contains(Coord c) const {
    return c.x >= min.x && c.x < max.x && c.y >= min.y && c.y < max.y && c.z >= min.z &&
           c.z < max.z;
  }
  constexpr bool Contains(const Box& b) const {
    return b.empty() || (b.min.x >= min.x && b.max.x <= max.x && b.min.y >= min.y &&
                         b.max.y <= max.y && b.min.z >= min.z && b.max.z <= max.z);
  }
  constexpr bool Intersects(const Box& b) const { return !Intersection(b).empty(); }
  constexpr Box Intersection(const Box& b) const {
    return {{std::max(min.x, b.min.x), std::max(min.y, b.min.y), std::max(min.z, b.min.z)},
            {std::min(max.x, b.max.x), std::min(max.y, b.max.y), std::min(max.z, b.max.z)}};
  }
  // The smallest box that holds both; an empty box adds nothing.
  constexpr Box Union(const Box& b) const {
    if (empty()) return b;
    if (b.empty()) return *this;
    return {{std::min(min.x, b.min.x), std::min(min.y, b.min.y), std::min(min.z, b.min.z)},
            {std::max(max.x, b.max.x), std::max(max.y, b.max.y), std::max(max.z, b.max.z)}};
  }
  // Voxels inside; INT64_MAX where the true count does not fit.
  constexpr int64_t Voxels() const {
    if (empty()) return 0;
    int64_t n = Size(0);  // at most 2^31, so only the second product can overflow
    n *= Size(1);
    return __builtin_mul_overflow(n, Size(2), &n) ? std::numeric_limits<int64_t>::max() : n;
  }
};

inline constexpr Box kWorld{{kMinCoord, kMinCoord, kMinCoord}, {kMaxCoord, kMaxCoord, kMaxCoord}};
constexpr Box BoxAt(Coord c) { return {c, c + Coord{1, 1, 1}}; }

}  // namespace voxel
