// Where the regions (cubes of 1024^3) of a volume stand in its root table. Private to voxel/grid.
//
// Order:     Morton (Z-) order of the region's coordinates, as one number. The regions in any
//            aligned cube of a power of two are then neighbours in the table, so the table serves
//            as the upper levels of the tree.
// Threading: pure functions.
#pragma once

#include <cstdint>

#include "voxel/grid/box.h"
#include "voxel/grid/slot.h"

namespace voxel::internal {

inline constexpr int kRegionAxisBits = 21;  // 2^31 / 1024 regions along each axis

// Spreads the low 21 bits to every third bit, and back.
constexpr uint64_t SpreadBits(uint64_t v) {
  v = (v | v << 32) & 0x001f00000000ffff;
  v = (v | v << 16) & 0x001f0000ff0000ff;
  v = (v | v << 8) & 0x100f00f00f00f00f;
  v = (v | v << 4) & 0x10c30c30c30c30c3;
  v = (v | v << 2) & 0x1249249249249249;
  return v;
}
constexpr uint64_t GatherBits(uint64_t v) {
  v &= 0x1249249249249249;
  v = (v | v >> 2) & 0x10c30c30c30c30c3;
  v = (v | v >> 4) & 0x100f00f00f00f00f;
  v = (v | v >> 8) & 0x001f0000ff0000ff;
  v = (v | v >> 16) & 0x001f00000000ffff;
  v = (v | v >> 32) & 0x00000000001fffff;
  return v;
}

// The key of the region that holds `c`. REQUIRES: InWorld(c).
constexpr uint64_t RegionKey(Coord c) {
  const auto axis = [](int32_t v) {
    return SpreadBits(static_cast<uint32_t>(v - kMinCoord) >> kTopBits);
  };
  return axis(c.x) | axis(c.y) << 1 | axis(c.z) << 2;
}
constexpr Coord RegionMin(uint64_t key) {
  const auto axis = [](uint64_t bits) {
    return static_cast<int32_t>(static_cast<int64_t>(GatherBits(bits) << kTopBits) + kMinCoord);
  };
  return {axis(key), axis(key >> 1), axis(key >> 2)};
}

}  // namespace voxel::internal
