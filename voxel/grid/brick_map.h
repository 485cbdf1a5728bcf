// Colour maps over one brick or uniform cube, on its palette where possible. Private to voxel/grid.
//
// Ownership: the given slot stays the caller's. The result is the same slot if nothing changed;
//            otherwise a uniform slot or a canonical brick with one reference, which the caller
//            takes over.
#pragma once

#include "absl/functional/function_ref.h"
#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/slot.h"

namespace voxel::internal {

// Replaces n colours by their images. The same answer for the same colour, wherever it stands;
// answers normalized.
using ColorMap = absl::FunctionRef<void(Color* colors, int n)>;

struct MappedSlot {
  Slot slot;
  int64_t changed = 0;  // voxels whose colour is another one now
};

// Every voxel of a brick through `map`. REQUIRES: slot is not uniform.
MappedSlot MapBrick(Slot slot, ColorMap map);

// Voxels in `inside` through `map_inside`, those in `outside` through `map_outside`, the others as
// they are; for a brick or a uniform cube of a brick's size. REQUIRES: the masks do not overlap.
MappedSlot MapBrickParts(Slot slot, const BrickMask& inside, ColorMap map_inside,
                         const BrickMask& outside, ColorMap map_outside);

}  // namespace voxel::internal
