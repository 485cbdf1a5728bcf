// Palette indices, most of them two of 4 bits in a byte, many at a time. Private to voxel/grid.
//
// SIMD: Highway, for the widest vectors of the machine it runs on; the same result on all of them.
#pragma once

#include <cstdint>

#include "voxel/grid/brick.h"

namespace voxel::internal {

// Replaces every nibble n of in[0, bytes) by table[n], below 16. `out` may be `in`. REQUIRES: bytes
// is a multiple of 16.
void MapNibbles(const uint8_t* in, const uint8_t table[16], uint8_t* out, int bytes);

// The colour of each voxel of a brick: that of the palette for its nibble, the even voxel in the
// low half, and air where `mask`, unless it is null, has no bit.
void DecodeNibbles(const uint8_t in[kBrickVoxels / 2], const Color palette[16],
                   const BrickMask* mask, Color out[kBrickVoxels]);

// `color` where `mask` has a bit, and air elsewhere.
void DecodeMask(const BrickMask& mask, Color color, Color out[kBrickVoxels]);

// How many nibbles of in[0, kBrickVoxels / 2) are `wanted`.
int CountNibbles(const uint8_t in[kBrickVoxels / 2], int wanted);

// The same of whole bytes.
int CountBytes(const uint8_t in[kBrickVoxels], int wanted);

}  // namespace voxel::internal
