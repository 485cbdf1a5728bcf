// The bricks along the surface of a cube: where something may change at the border of what is
// uniform. Private to voxel/ops.
#pragma once

#include <algorithm>
#include <cstdint>

#include "voxel/grid/box.h"
#include "voxel/grid/brick.h"

namespace voxel {

// Calls fn(min) for the bricks of a layer one brick thick around `cube`, or if `inside` for those
// at its surface.
template <typename Fn>
void ForEachSurfaceBrick(const Box& cube, bool inside, Fn&& fn) {
  const int32_t out = inside ? 0 : kBrickSize;
  const Coord first = cube.min - Coord{out, out, out};
  const Coord last = cube.max + Coord{out - kBrickSize, out - kBrickSize, out - kBrickSize};
  for (int32_t z = first.z; z <= last.z; z += kBrickSize) {
    for (int32_t y = first.y; y <= last.y; y += kBrickSize) {
      const bool whole = z == first.z || z == last.z || y == first.y || y == last.y;
      const int32_t step = whole ? kBrickSize : std::max(last.x - first.x, kBrickSize);
      for (int32_t x = first.x; x <= last.x; x += step) fn(Coord{x, y, z});
    }
  }
}

}  // namespace voxel
