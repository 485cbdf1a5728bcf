// What a long engine call is told by its caller: when to stop, whom to tell about progress, how
// much it may take.
//
// Threading: Cancel and Check may run on any thread; the rest belongs to the thread that runs the
//            work.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace voxel {

// Set once by whoever no longer wants the answer.
class CancelToken {
 public:
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }  // a flag, it orders nothing
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

struct TaskContext {
  const CancelToken* cancel = nullptr;  // nullptr: cannot be cancelled
  absl::Time deadline = absl::InfiniteFuture();
  // In [0, 1], rising; may be empty; called from one thread.
  std::function<void(double fraction)> progress;
  int threads = 1;                           // how many the work may use, the caller's included
  int64_t max_voxels = int64_t{1} << 40;     // the voxels one edit may cover
  int64_t max_new_bytes = int64_t{4} << 30;  // the brick memory one batch may add

  // OK, CALL_CANCELLED or DEADLINE_PASSED. Cheap enough to call once per brick.
  absl::Status Check() const;
};

}  // namespace voxel
