// Who waits for a project's next revision. A waiting watch is one entry in a table: no thread, no
// timer.
//
// Threading: everything from any thread.
// Cost:      WakeAll with n waiting: one swap and one pool task for the caller, n calls on that
//            task.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "daemon/runtime/worker_pool.h"

namespace voxeld {

class WatchHub {
 public:
  using Wakeup = absl::AnyInvocable<void()>;
  using Id = uint64_t;

  WatchHub(WorkerPool* pool, int32_t max_watches) : pool_(pool), max_watches_(max_watches) {}

  // A new watch; 0 if there are max_watches already.
  Id Join();
  // Drops the watch and its wakeup, unless that is on its way already.
  void Leave(Id id);

  // Keeps `wakeup` for the next WakeAll, unless there_is_news() says that it came in between: then,
  // and after Close, calls it here and now. Replaces the wakeup that `id` had.
  void Arm(Id id, absl::FunctionRef<bool()> there_is_news, Wakeup wakeup);
  // To be called after what there_is_news asks for has changed.
  void WakeAll();
  // Wakes all, for good.
  void Close();
  bool closed() const;
  size_t waiting() const;
  int32_t watches() const;  // joined, waiting or not

 private:
  WorkerPool* const pool_;
  const int32_t max_watches_;

  mutable absl::Mutex mu_;
  absl::flat_hash_map<Id, Wakeup> armed_ ABSL_GUARDED_BY(mu_);
  int32_t watches_ ABSL_GUARDED_BY(mu_) = 0;
  Id last_id_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace voxeld
