// Which voxels of two cubes of 16^3 have different colours. Private to voxel/grid.
#pragma once

#include "voxel/grid/volume.h"

namespace voxel::internal {

// Of the voxels in `both`, which are air on neither side, those whose colour differs. REQUIRES:
// both cells have size 16, and their bricks are canonical. Cost: the voxels of `both` where they
// are few; else the indices, while two palettes hold the same colours, and the colours otherwise.
BrickMask Recolored(const Cell& before, const Cell& after, const BrickMask& both);

}  // namespace voxel::internal
