// The highest value that was seen.
//
// Threading: any thread; relaxed, for statistics.
#pragma once

#include <atomic>
#include <cstdint>

namespace voxel {

// Makes `peak` at least `value`.
inline void RaiseTo(int64_t value, std::atomic<int64_t>* peak) {
  int64_t seen = peak->load(std::memory_order_relaxed);
  while (value > seen && !peak->compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

}  // namespace voxel
