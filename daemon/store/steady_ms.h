// Time that no clock change moves.
#pragma once

#include <time.h>

#include <cstdint>

namespace voxeld {

// Milliseconds since some moment of this process' life, as of the kernel's last tick: up to 10 of
// them old. Costs a load, not a look at the processor's counter.
inline int64_t SteadyMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace voxeld
