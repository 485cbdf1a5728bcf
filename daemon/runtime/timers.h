// Calls after given times, from one thread that sleeps in between.
//
// Clock:     the steady one: when the system's is set, nothing comes earlier or later for it.
// Threading: At, After, Cancel from any thread; the calls run on the timer thread, so they must be
//            quick.
// Cost:      of what waits, the logarithm; a system call only for one that is earlier than what the
//            thread sleeps for, so that calls which are all to come after the same delay, and are
//            cancelled, wake it once a delay.
// Ownership: the destructor drops what is still waiting and joins; no call runs afterwards.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace voxeld {

class Timers {
 public:
  using Clock = std::chrono::steady_clock;
  using Fn = absl::AnyInvocable<void()>;
  using Id = std::pair<Clock::time_point, uint64_t>;

  Timers();
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // Calls `fn` once, at `when` or soon after.
  Id At(Clock::time_point when, Fn fn);
  // Calls `fn` once, after `delay` or a little later; a year is the longest.
  Id After(absl::Duration delay, Fn fn);
  // Drops the call. False if it has begun, or has been cancelled: then nothing is done.
  bool Cancel(const Id& id);
  // Calls that have not begun.
  size_t waiting() const;

 private:
  static constexpr Clock::time_point kAwake = Clock::time_point::min();

  void Run();
  // Takes a call out of the table, and keeps the entry for the next one.
  Fn TakeOut(std::map<Id, Fn>::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // The next that is due; else nothing, and `sleep` is for how long there will be none.
  Fn TakeDue(Clock::duration& sleep);
  void Wake() const;

  const int wake_fd_;  // readable: there is news for the thread
  mutable absl::Mutex mu_;
  std::map<Id, Fn> waiting_ ABSL_GUARDED_BY(mu_);
  std::map<Id, Fn>::node_type spare_ ABSL_GUARDED_BY(mu_);  // one after the other needs no heap
  uint64_t last_ ABSL_GUARDED_BY(mu_) = 0;                  // number given
  // When the thread looks next by itself; as it is awake, before it sleeps.
  Clock::time_point looks_at_ ABSL_GUARDED_BY(mu_) = kAwake;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace voxeld
