// What areas of one kind were used for: how much of it did not fit, and how much it was at most.
//
// Threading: one thread at a time counts, any reads.
// Units:     bytes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace voxeld {

class AreaCounts {
 public:
  // What was in an area when it ended.
  struct Use {
    size_t bytes = 0;     // of the block and of the heap
    size_t overflow = 0;  // got from the heap, as the block had no room
  };
  void Ended(const Use& use) {
    Add(ended_, 1);
    const auto bytes = static_cast<int64_t>(use.bytes);
    if (bytes > Read(peak_)) peak_.store(bytes, std::memory_order_relaxed);
    if (use.overflow == 0) return;
    Add(overflows_, 1);
    Add(overflow_bytes_, static_cast<int64_t>(use.overflow));
  }

  int64_t ended() const { return Read(ended_); }
  int64_t overflows() const { return Read(overflows_); }  // of these: those with some
  int64_t overflow_bytes() const { return Read(overflow_bytes_); }
  int64_t peak_bytes() const { return Read(peak_); }  // the most of one

 private:
  // Relaxed: figures for statistics.
  static void Add(std::atomic<int64_t>& count, int64_t n) {
    count.store(Read(count) + n, std::memory_order_relaxed);
  }
  static int64_t Read(const std::atomic<int64_t>& count) {
    return count.load(std::memory_order_relaxed);
  }

  std::atomic<int64_t> ended_{0};
  std::atomic<int64_t> overflows_{0};
  std::atomic<int64_t> overflow_bytes_{0};
  std::atomic<int64_t> peak_{0};
};

}  // namespace voxeld
