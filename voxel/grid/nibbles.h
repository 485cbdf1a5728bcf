// Bytes of two 4-bit palette indices each, many at a time. Private to voxel/grid.
//
// SIMD: Highway, for the baseline instruction set of the build; its scalar target elsewhere.
#pragma once

#include <cstdint>

namespace voxel::internal {

// Replaces every nibble n of in[0, bytes) by table[n], below 16. `out` may be `in`. REQUIRES: bytes
// is a multiple of 16.
void MapNibbles(const uint8_t* in, const uint8_t table[16], uint8_t* out, int bytes);

}  // namespace voxel::internal
