// Makes canonical bricks. Private to voxel/grid.
//
// Ownership: a returned slot that is not uniform carries one reference, which the caller takes
//            over.
#pragma once

#include "absl/types/span.h"
#include "voxel/grid/brick_write.h"
#include "voxel/grid/slot.h"

namespace voxel::internal {

// The canonical slot of these voxels: uniform, or a brick with its palette in order of first use.
// Colours normalized.
// Cost: 1 to 3 ns per voxel.
Slot EncodeBrick(const DenseBrick& voxels);

// The same for voxels that are `set` in the mask and `clear` elsewhere. Cost: the bits.
Slot EncodeTwo(const BrickMask& mask, Color set, Color clear);

// The canonical form of a brick written in place; `brick` stays the caller's. A slot of `brick`
// itself (without a new reference) if that can be: it may be brought into order for that.
Slot Canonical(Brick* brick);
// The same of what was a copy of the canonical brick `before` until those voxels of it were
// written, once each.
Slot Canonical(Brick* brick, const Brick* before, absl::Span<const VoxelWrite> written);

}  // namespace voxel::internal
