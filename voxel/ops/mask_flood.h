// Flooding inside one brick, 64 voxels at a time.
#pragma once

#include "voxel/grid/brick.h"

namespace voxel {

// Grows `region` through `open` over the six faces until it fills every part it touches.
// REQUIRES: region is a subset of open.
void FloodMask(const BrickMask& open, BrickMask& region);

// The bits of `mask` on one side of the brick (axis 0..2, `high`: at 15), moved to the opposite
// side: where a flood that leaves there enters the next brick.
BrickMask CrossFace(const BrickMask& mask, int axis, bool high);

}  // namespace voxel
