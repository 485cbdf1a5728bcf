// Bricks of few voxels: an edit of some voxels somewhere makes one, and surfaces cut corners of
// bricks. They are made in one piece instead of written voxel by voxel. Private to voxel/grid.
//
// Cost: the voxels that are not air, and 0.9 KB.
#pragma once

#include "absl/types/span.h"
#include "voxel/grid/brick_write.h"
#include "voxel/grid/slot.h"

namespace voxel::internal {

// The canonical slot, with a reference, of these voxels and air. REQUIRES: at most kSparseVoxels,
// in voxel order, none of them air.
Slot EncodeSparse(absl::Span<const VoxelWrite> voxels);

// Whether WithSparse can be asked: that many writes leave few voxels, whatever they are. REQUIRES:
// `old` is canonical.
bool StaysSparse(Slot old, size_t writes);
// The canonical slot, with a reference, of the old one's voxels with those written. REQUIRES:
// StaysSparse; the writes in descending voxel order, one for each.
Slot WithSparse(Slot old, absl::Span<const VoxelWrite> writes);

}  // namespace voxel::internal
