// Where the voxels of a layer's brick lie in the world: what position hashes, noise and gradients
// are made of. Private to voxel/ops.
#pragma once

#include <cstdint>

#include "voxel/base/hash.h"
#include "voxel/grid/brick.h"
#include "voxel/ops/placement.h"

namespace voxel {

// A random number for a position, the same on every machine.
inline uint64_t PositionHash(uint64_t seed, int64_t x, int64_t y, int64_t z) {
  const uint64_t xy =
      HashMix(seed ^ static_cast<uint64_t>(x), static_cast<uint64_t>(y) + kHashSeed);
  return HashMix(xy, static_cast<uint64_t>(z));
}
// Spreads a seed as people give them (0, 1, 2) over all bits.
inline uint64_t SpreadSeed(uint64_t seed) { return HashMix(seed, kHashSeed); }

// Calls fn(index, x, y, z) with the world position of each voxel of the brick at `min`, in voxel
// order.
template <typename Fn>
void ForEachWorldVoxel(const WideTransform& to_world, Coord min, Fn&& fn) {
  int64_t origin[3];
  int64_t step[3][3];  // by local axis
  const auto at = [&](Coord c, int64_t(&out)[3]) {
    const Block block = to_world.Apply(BlockOf(BoxAt(c)));
    for (int i = 0; i < 3; ++i) out[i] = block[i].first;
  };
  at(min, origin);
  for (int axis = 0; axis < 3; ++axis) {
    Coord next = min;
    ++next[axis];  // a brick lies in the world, so this does as well
    at(next, step[axis]);
    for (int i = 0; i < 3; ++i) step[axis][i] -= origin[i];
  }
  for (int index = 0; index < kBrickVoxels; ++index) {
    const int64_t x = index & 15;
    const int64_t y = index >> 4 & 15;
    const int64_t z = index >> 8;
    fn(index, origin[0] + x * step[0][0] + y * step[1][0] + z * step[2][0],
       origin[1] + x * step[0][1] + y * step[1][1] + z * step[2][1],
       origin[2] + x * step[0][2] + y * step[1][2] + z * step[2][2]);
  }
}

}  // namespace voxel
