// What a long engine call is told by its caller: when to stop, whom to tell about progress, how
// much it may take.
//
// Threading: Cancel and Check may run on any thread; the rest belongs to the thread that runs the
//            work.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace voxel {

// Set once by whoever no longer wants the answer.
class CancelToken {
 public:
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }  // a flag, it orders nothing
  // As new. REQUIRES: nobody else has it any more.
  void Reset() { cancelled_.store(false, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

struct TaskContext {
  const CancelToken* cancel = nullptr;           // nullptr: cannot be cancelled
  absl::Time deadline = absl::InfiniteFuture();  // by SteadyNow()
  // In [0, 1], rising; may be empty; called from one thread.
  std::function<void(double fraction)> progress;
  int threads = 1;                           // how many the work may use, the caller's included
  int64_t max_voxels = int64_t{1} << 40;     // the voxels one edit may cover
  int64_t max_new_bytes = int64_t{4} << 30;  // the memory one batch may add
  // The brick memory that all volumes of the process may take while this work goes on.
  int64_t max_total_bytes = std::numeric_limits<int64_t>::max();

  // OK, CALL_CANCELLED, DEADLINE_PASSED, or LIMIT_MEMORY by max_total_bytes. Cheap enough to call
  // once per brick.
  absl::Status Check() const;
  // Check() for work that has taken `new_bytes` so far: LIMIT_MEMORY by max_new_bytes, too.
  absl::Status CheckMemory(int64_t new_bytes) const;
};

}  // namespace voxel
