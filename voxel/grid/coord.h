// Positions on the grid and the axes.
//
// Units: voxels. +z is up. A position is valid in [kMinCoord, kMaxCoord) on every axis: sums of two
// valid coordinates never overflow an int32.
#pragma once

#include <compare>
#include <cstdint>
#include <utility>

namespace voxel {

inline constexpr int32_t kMinCoord = -(1 << 30);
inline constexpr int32_t kMaxCoord = 1 << 30;  // exclusive

enum class Axis : uint8_t { kX = 0, kY = 1, kZ = 2 };

struct Coord {
  int32_t x = 0;
  int32_t y = 0;
  int32_t z = 0;

  constexpr int32_t operator[](int axis) const { return axis == 0 ? x : axis == 1 ? y : z; }
  constexpr int32_t& operator[](int axis) { return axis == 0 ? x : axis == 1 ? y : z; }
  constexpr int32_t operator[](Axis axis) const { return (*this)[static_cast<int>(axis)]; }
  constexpr int32_t& operator[](Axis axis) { return (*this)[static_cast<int>(axis)]; }

  // x first, then y, then z.
  friend constexpr auto operator<=>(const Coord&, const Coord&) = default;
  friend constexpr Coord operator+(Coord a, Coord b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend constexpr Coord operator-(Coord a, Coord b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }

  template <typename H>
  friend H AbslHashValue(H h, const Coord& c) {
    return H::combine(std::move(h), c.x, c.y, c.z);
  }
};

constexpr bool InWorld(Coord c) {
  return c.x >= kMinCoord && c.x < kMaxCoord && c.y >= kMinCoord && c.y < kMaxCoord &&
         c.z >= kMinCoord && c.z < kMaxCoord;
}

}  // namespace voxel
