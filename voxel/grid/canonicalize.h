// Turns what a transaction wrote into canonical, shareable form. Private to voxel/grid.
//
// Cost: owned slots only, that is, what the transaction touched.
#pragma once

#include "voxel/grid/slot.h"

namespace voxel::internal {

// Makes everything owned below `slot` canonical, in place: uniform cubes collapse, palettes are
// compacted, counts and bytes are brought up to date, marks cleared. Where the result equals
// `base`, the cube at the same place of the volume the transaction began with, base's own node or
// brick takes its place. `freed` is added the bytes that became free.
void Canonicalize(Slot& slot, Slot base, int height, int64_t& freed);

}  // namespace voxel::internal
