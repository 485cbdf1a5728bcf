// How much stack threads get that nobody gives another size.
#pragma once

#include <cstddef>

namespace voxeld {

// Of every thread: those of libraries (gRPC's, liburcu's), which offer no way to say it, and ours.
inline constexpr size_t kThreadStackBytes = 256 << 10;

// Threads that are made from now on get that much, instead of the 8 MiB of the process.
void BoundThreadStacks();

}  // namespace voxeld
