// The monotonic clock in nanoseconds, to measure with.
#pragma once

#include <chrono>
#include <cstdint>

namespace voxeld {

inline int64_t SteadyNs() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace voxeld
