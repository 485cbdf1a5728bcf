// What a pool of things that are used again did since it began, and what it holds.
//
// Threading: one thread at a time counts, any reads: each number is one that was, and those read
//            together may be of moments that are close to each other.
// Cost:      plain loads, additions and stores.
#pragma once

#include <atomic>
#include <cstdint>

namespace voxel {

class PoolCounts {
 public:
  // One was wanted. `found`: it had waited here.
  void Take(bool found) {
    Add(taken_, 1);
    if (!found) Add(missed_, 1);
  }
  // So many that were taken are used no more, whether they are kept or not.
  void Give(int64_t count = 1) { Add(given_, count); }
  // So many more wait to be used again, or fewer.
  void Keep(int64_t count, int64_t bytes) {
    Add(kept_, count);
    Add(kept_bytes_, bytes);
  }

  int64_t taken() const { return Read(taken_); }
  int64_t missed() const { return Read(missed_); }  // of those taken: none was there
  int64_t kept() const { return Read(kept_); }
  int64_t kept_bytes() const { return Read(kept_bytes_); }
  int64_t in_use() const {
    // In this order: what was given was taken before.
    const int64_t given = given_.load(std::memory_order_acquire);
    return Read(taken_) - given;
  }

 private:
  static void Add(std::atomic<int64_t>& count, int64_t n) {
    // release: whoever reads that one was given also reads that it was taken.
    count.store(Read(count) + n, std::memory_order_release);
  }
  static int64_t Read(const std::atomic<int64_t>& count) {
    return count.load(std::memory_order_relaxed);
  }

  std::atomic<int64_t> taken_{0};
  std::atomic<int64_t> missed_{0};
  std::atomic<int64_t> given_{0};
  std::atomic<int64_t> kept_{0};
  std::atomic<int64_t> kept_bytes_{0};
};

}  // namespace voxel
