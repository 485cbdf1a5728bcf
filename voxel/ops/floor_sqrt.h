// Integers of 128 bits and exact square roots: what shapes need to decide occupancy without
// rounding.
//
// Exactness: a floating-point guess only starts the search; the answer is fixed by integer
//            comparisons, so it is the same on every machine.
#pragma once

#include <cstdint>

namespace voxel {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

// The largest r with r * r <= n. REQUIRES (both): n >= 0.
int64_t FloorSqrt(int64_t n);
int64_t FloorSqrt(Int128 n);  // REQUIRES: n < 2^124

}  // namespace voxel
