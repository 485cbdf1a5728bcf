// The time for deadlines, of a clock that nobody sets: it only tells how long something took.
#pragma once

#include <chrono>

#include "absl/time/time.h"

namespace voxel {

// Since some moment before this process began; no time of the day.
inline absl::Time SteadyNow() {
  return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace voxel
