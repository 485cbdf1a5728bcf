// A strand: tasks that run one at a time, in order, without owning a thread. One per project orders
// its writers.
//
// Threading: Post and TryRunInline may be called from any thread. Tasks may post to their own
//            strand.
// Ownership: shared; tasks keep it alive.
#pragma once

#include <deque>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "daemon/runtime/worker_pool.h"

namespace voxeld {

class Strand : public std::enable_shared_from_this<Strand> {
 public:
  explicit Strand(WorkerPool* pool) : pool_(pool) {}  // the pool must outlive the strand

  // Runs `task` on a pool thread after all tasks posted before it. Limits are the caller's: see
  // queued().
  void Post(Task task);
  // Runs `task` here and now if nothing runs or waits on the strand; false (and nothing done)
  // otherwise.
  bool TryRunInline(absl::FunctionRef<void()> task);
  size_t queued() const;

 private:
  void RunSome();

  WorkerPool* const pool_;
  mutable absl::Mutex mu_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mu_);
  bool running_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace voxeld
