// Boxes and masks of one brick, in the brick's own space [0, 16). Private to voxel/grid.
#pragma once

#include "voxel/grid/box.h"
#include "voxel/grid/brick.h"

namespace voxel::internal {

// The tight box of the set voxels; empty if there are none.
Box MaskBounds(const BrickMask& mask);

// The mask of the voxels of the brick at `min` that lie in `box`.
BrickMask BoxMask(Coord min, const Box& box);

}  // namespace voxel::internal
