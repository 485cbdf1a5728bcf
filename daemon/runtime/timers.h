// Calls at given times, from one thread that sleeps in between.
//
// Threading: At from any thread; the calls run on the timer thread, so they must be quick.
// Ownership: the destructor drops what is still waiting and joins; no call runs afterwards.
#pragma once

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace voxeld {

class Timers {
 public:
  Timers();
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // Calls `fn` once, at `when` or soon after.
  void At(absl::Time when, absl::AnyInvocable<void()> fn);

 private:
  struct Entry {
    absl::Time when;
    absl::AnyInvocable<void()> fn;
  };

  void Run();
  bool NewsForThread() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  static bool Later(const Entry& a, const Entry& b) { return a.when > b.when; }

  absl::Mutex mu_;
  std::vector<Entry> heap_ ABSL_GUARDED_BY(mu_);  // the earliest in front
  absl::Time sleeping_until_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace voxeld
