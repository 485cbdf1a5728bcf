// Who follows a project: the watches that wait for its next durable revision, and those that do not
// take what they are given. A waiting watch is one entry in a table: no thread, no timer.
//
// Slow ones: a watch whose client takes nothing is not asked for its next revision, so it costs the
//            revisions that it has read ahead. Once more of them are untaken than allowed, or they
//            are about to be all that keeps old revisions in memory, it is told to give up.
// Threading: everything from any thread.
// Cost:      WakeAll with n waiting: one swap and one pool task for the caller, n calls on that
//            task. A few times a second it looks at every watch.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "daemon/runtime/worker_pool.h"

namespace voxeld {

class WatchHub {
 public:
  struct Limits {
    int32_t max_watches = 4096;
    int64_t max_untaken = 4096;  // revisions
    int64_t patience_ms = 1000;  // however many are untaken: a burst makes nobody slow
  };
  using Wakeup = absl::AnyInvocable<void()>;

  // One watch. Its fields order nothing: a stale value costs a later look.
  class Member {
   public:
    int64_t untaken(int64_t news) const { return news - news_.load(std::memory_order_relaxed); }

   private:
    friend class WatchHub;
    std::atomic<int64_t> position_{0};
    std::atomic<int64_t> taken_ms_{0};
    std::atomic<int64_t> news_{0};     // of the hub, when it was last asked for its next revision
    std::shared_ptr<Wakeup> give_up_;  // guarded by the hub's lock
  };
  using MemberPtr = std::shared_ptr<Member>;

  WatchHub(WorkerPool* pool, const Limits& limits) : pool_(pool), limits_(limits) {}

  // A new watch that begins after revision `position`; null if there are max_watches already.
  MemberPtr Join(int64_t position);
  // Drops the watch, its wakeup and its `give_up`, unless they are on their way already.
  void Leave(const MemberPtr& member);

  // The watch is asked for its next revision, having passed `position`: it is not slow.
  void Took(Member& member, int64_t position) const;
  // `give_up` is called, from the pool, when the watch is found slow; again later if it still is.
  void OnSlow(const MemberPtr& member, Wakeup give_up);

  // Keeps `wakeup` for the next WakeAll, unless there_is_news() says that it came in between: then,
  // and after Close, calls it here and now. Replaces the wakeup that the watch had.
  void Arm(const MemberPtr& member, absl::FunctionRef<bool()> there_is_news, Wakeup wakeup);
  // To be called after what there_is_news asks for has changed, by so many revisions. dropped() is
  // asked, with the lock held, if anybody watches: the last revision that is no longer retained, 0
  // if all are.
  void WakeAll(int64_t revisions, absl::FunctionRef<int64_t()> dropped);
  // Wakes all, for good.
  void Close();
  bool closed() const { return closed_.load(std::memory_order_acquire); }
  size_t waiting() const;
  int32_t watches() const;  // joined, waiting or not

 private:
  using Calls = std::vector<std::shared_ptr<Wakeup>>;
  Calls FindSlow(int64_t dropped) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  WorkerPool* const pool_;
  const Limits limits_;

  std::atomic<int64_t> news_{0};     // revisions so far; it orders nothing
  std::atomic<bool> closed_{false};  // set while mu_ is held

  mutable absl::Mutex mu_;
  absl::flat_hash_map<Member*, MemberPtr> members_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<Member*, Wakeup> armed_ ABSL_GUARDED_BY(mu_);
  int64_t last_look_ms_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace voxeld
