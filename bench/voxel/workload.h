// What every side of the engine benchmark is given: the same places, colours and models, so that
// times within one run can be compared.
//
// Sides: a grid is ours, a dense array, a hash map of tiles or an OpenVDB tree, behind the same few
//        calls (the *_grid.h of this folder). A workload is one function template over grids; each
//        side lists the workloads it can do.
// Units: voxels; x runs fastest.
#pragma once

#include <cstdint>
#include <vector>

#include "voxel/grid/box.h"
#include "voxel/grid/color.h"
#include "voxel/grid/coord.h"

namespace voxel {

inline constexpr int32_t kSide = 256;
inline constexpr int64_t kPoints = 1'000'000;
inline constexpr int32_t kRowVoxels = 128;
inline constexpr int32_t kBallRadius = 127;
inline constexpr Coord kBallCenter{128, 128, 128};
inline constexpr Coord kOtherCenter{128, 128, 192};  // of the ball that meets the first one
inline constexpr Box kCube256{{0, 0, 0}, {kSide, kSide, kSide}};
inline constexpr Box kBothBalls{{0, 0, 0}, {kSide, kSide, kSide + 64}};
inline constexpr Color kPaint = Rgba(0x12, 0x34, 0x56);

constexpr Box CubeAt(int32_t offset, int32_t side) {
  return {{offset, offset, offset}, {offset + side, offset + side, offset + side}};
}

// kPoints random places in [0, 256)^3.
const std::vector<Coord>& Points();
// The same number within the ball at kBallCenter.
const std::vector<Coord>& BallPoints();

// One of 16 colours, without a pattern: what a palette compresses and a run length does not.
constexpr Color OneOf16(uint32_t i) { return Rgba((i & 15) * 15, 80, 160); }
constexpr Color Noise16(Coord c) {
  uint32_t hash = static_cast<uint32_t>(c.x) * 73856093u ^ static_cast<uint32_t>(c.y) * 19349663u ^
                  static_cast<uint32_t>(c.z) * 83492791u;
  hash ^= hash >> 13;
  return OneOf16(hash);
}
// A colour for every i below 2^24: more than any palette holds.
constexpr Color Distinct(uint32_t i) { return i << 8 | 255; }
constexpr Color DistinctAt(Coord c) {
  return Distinct(static_cast<uint32_t>(c.x) * 73856093u ^ static_cast<uint32_t>(c.y) * 19349663u ^
                  static_cast<uint32_t>(c.z) * 83492791u);
}

// Calls fn(place) for the voxels of the ball, x fastest.
template <typename Fn>
void ForEachInBall(Coord center, int32_t radius, Fn fn) {
  for (int32_t z = -radius; z <= radius; ++z) {
    for (int32_t y = -radius; y <= radius; ++y) {
      for (int32_t x = -radius; x <= radius; ++x) {
        if (x * x + y * y + z * z <= radius * radius) fn(center + Coord{x, y, z});
      }
    }
  }
}

// The model of the flood fill: three of four places of a cube, so that all but a few hang together
// and no brick is of one colour. About 1 M voxels, of them the seed.
inline constexpr Box kSponge = CubeAt(0, 110);
inline constexpr Color kSpongeColor = Rgba(200, 160, 60);
inline constexpr Coord kSpongeSeed{55, 55, 55};

template <typename Fn>
void ForEachInSponge(Fn fn) {
  for (int32_t z = 0; z < kSponge.max.z; ++z) {
    for (int32_t y = 0; y < kSponge.max.y; ++y) {
      for (int32_t x = 0; x < kSponge.max.x; ++x) {
        const Coord c{x, y, z};
        if (c == kSpongeSeed || (Noise16(c) >> 24) / 15 % 4 != 0) fn(c);
      }
    }
  }
}

}  // namespace voxel
