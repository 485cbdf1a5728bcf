// Time that no clock change moves.
#pragma once

#include <chrono>
#include <cstdint>

namespace voxeld {

// Milliseconds since some moment of this process' life.
inline int64_t SteadyMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace voxeld
