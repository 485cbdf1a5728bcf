// What the daemon's memory is used for, and the way to give back what is only kept for later.
//
// Data flow:  pools count into gauges as they take and give; voxels and caches count themselves.
// Threading:  a gauge is changed by one thread at a time; everything else from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"

namespace voxeld {

// Of the process, in memory; 0 if the system does not say.
int64_t ResidentBytes();

class MemoryUse {
 public:
  struct Bytes {
    int64_t allocated = 0;  // held from the system
    int64_t active = 0;     // of these, in use
    int64_t peak = 0;       // the most that was allocated at any time
  };

  // What pools of one purpose say of themselves. Its values order nothing.
  class Gauge {
   public:
    // So much more, or less, than before.
    void Add(int64_t allocated, int64_t active) {
      const int64_t all = allocated_.load(std::memory_order_relaxed) + allocated;
      allocated_.store(all, std::memory_order_relaxed);
      active_.store(active_.load(std::memory_order_relaxed) + active, std::memory_order_relaxed);
      if (all > peak_.load(std::memory_order_relaxed)) {
        peak_.store(all, std::memory_order_relaxed);
      }
    }
    Bytes Read() const {
      return {.allocated = allocated_.load(std::memory_order_relaxed),
              .active = active_.load(std::memory_order_relaxed),
              .peak = peak_.load(std::memory_order_relaxed)};
    }

   private:
    std::atomic<int64_t> allocated_{0};
    std::atomic<int64_t> active_{0};
    std::atomic<int64_t> peak_{0};
  };

  Gauge request;   // calls and the blocks of their answers
  Gauge response;  // parts of requests, and answers that wait for their readers

  // `tasks` says what waits for workers. To be called before anybody asks.
  void CountTasks(std::function<Bytes()> tasks) { tasks_ = std::move(tasks); }
  // `trim` makes pools give back what they keep, now or soon. To be called before anybody asks.
  void TrimWith(std::function<void()> trim) { trim_ = std::move(trim); }

  // Each purpose by its name, always in the same order.
  void ForEach(absl::FunctionRef<void(std::string_view purpose, const Bytes& bytes)> fn) const;
  // The free pages of the calling thread and of the allocator, to the system.
  static void ReturnFreePages();
  // What ReturnSpare would give back of recycled objects and free blocks of voxels, about.
  static int64_t SpareBytes();
  // Gives that back, and this thread's and the allocator's free pages; returns about how many bytes
  // of it there were. What threads keep by themselves stays.
  static int64_t ReturnSpare();
  // The same, and then has everybody else give back what they keep, now or soon.
  int64_t Optimize();

 private:
  std::function<Bytes()> tasks_;
  std::function<void()> trim_;
};

}  // namespace voxeld
