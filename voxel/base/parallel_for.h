// A loop spread over threads that are started for it and joined before it returns.
//
// Data flow:  indices are handed out one by one from a shared counter, so uneven ones even out.
//             Results must not depend on the order or on the thread; each index is run exactly
//             once.
// Threading:  the calling thread works too: threads == 1 starts none. What the bodies wrote is
//             visible on return.
// Cost:       about 20 us per thread started; give each index at least that much work.
#pragma once

#include "absl/functional/function_ref.h"

namespace voxel {

// Calls body(i) for every i in [0, n) on up to `threads` threads, the caller's included. Cancelling
// is the body's affair: it returns at once when there is nothing left to do. Where the system
// refuses a thread, fewer do the work.
// REQUIRES: body does not throw.
void ParallelFor(int threads, int n, absl::FunctionRef<void(int)> body);

}  // namespace voxel
