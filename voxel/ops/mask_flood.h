// Flooding inside one brick, 64 voxels at a time.
#pragma once

#include "voxel/grid/brick.h"
#include "voxel/grid/coord.h"
#include "voxel/ops/edit.h"

namespace voxel {

// Grows `region` through `open` over the six faces until it fills every part it touches.
// REQUIRES: region is a subset of open.
void FloodMask(const BrickMask& open, BrickMask& region);
// The same from neighbour to neighbour.
void FloodMask(const BrickMask& open, Neighbours neighbours, BrickMask& region);

// The bits of `mask` on one side of the brick (axis 0..2, `high`: at 15), moved to the opposite
// side: where a flood that leaves there enters the next brick.
BrickMask CrossFace(const BrickMask& mask, int axis, bool high);
// The voxels of the brick beside (`side` is -1, 0 or 1 along each axis, not all 0) that are
// neighbours of those of `mask`.
BrickMask CrossSide(const BrickMask& mask, Coord side, Neighbours neighbours);

// Along how many axes at once a neighbour may lie off: 1, 2 or 3.
constexpr int ReachOf(Neighbours neighbours) {
  return neighbours == Neighbours::kFaces ? 1 : neighbours == Neighbours::kEdges ? 2 : 3;
}
constexpr int StepsOf(Coord side) {
  return (side.x != 0 ? 1 : 0) + (side.y != 0 ? 1 : 0) + (side.z != 0 ? 1 : 0);
}

}  // namespace voxel
