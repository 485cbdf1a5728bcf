// A brick as bytes, and those of its voxels that changed.
//
// Whole:  varint number of colours (1 to 256; 0: raw) | 512 bytes of occupancy | the colours |
//         one byte for each occupied voxel, its colour's number (none if there is one colour).
//         Raw: for each occupied voxel its red, then all greens, blues, alphas: planes compress.
// Delta:  varint number of colours | for each: colour (4 bytes), varint number of voxels that have
//         it now, and for each voxel a varint: how far it is after the one before, less one (the
//         first: its index).
// Threading: pure functions.
#pragma once

#include <cstddef>

#include "daemon/codec/bytes.h"
#include "voxel/grid/brick.h"
#include "voxel/grid/volume.h"

namespace voxeld {

void WriteBrick(const voxel::Brick* brick, ByteWriter& out);
// False, with the reader failed, if the bytes are no brick.
bool ReadBrick(ByteReader& in, voxel::DenseBrick& voxels);

// Bytes that WriteBrick will take, and which it takes for any brick.
size_t BrickByteCount(const voxel::Brick* brick);
inline constexpr size_t kLeastBrickBytes = sizeof(voxel::BrickMask);

// Writes the `changed` voxels as they are now, unless that would take more than `max_bytes`: then
// false, and nothing is written. REQUIRES: the cell is 16 on a side.
bool WriteBrickDelta(const voxel::BrickMask& changed, const voxel::Cell& after, size_t max_bytes,
                     ByteWriter& out);

}  // namespace voxeld
