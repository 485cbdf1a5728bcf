// Calls after given times, from one thread that sleeps in between.
//
// Clock:     the steady one: when the system's is set, nothing comes earlier or later for it.
// Threading: At, After from any thread; the calls run on the timer thread, so they must be quick.
// Ownership: the destructor drops what is still waiting and joins; no call runs afterwards.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace voxeld {

class Timers {
 public:
  using Clock = std::chrono::steady_clock;

  Timers();
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // Calls `fn` once, at `when` or soon after.
  void At(Clock::time_point when, absl::AnyInvocable<void()> fn);
  // Calls `fn` once, after `delay` or a little later; a year is the longest.
  void After(absl::Duration delay, absl::AnyInvocable<void()> fn);

 private:
  struct Entry {
    Clock::time_point when;
    absl::AnyInvocable<void()> fn;
  };

  void Run();
  // The next that is due; else nullopt, and how long to sleep.
  std::optional<Entry> TakeDue(Clock::duration& sleep);
  void Wake() const;
  static bool Later(const Entry& a, const Entry& b) { return a.when > b.when; }

  const int wake_fd_;  // readable: there is news for the thread
  absl::Mutex mu_;
  std::vector<Entry> heap_ ABSL_GUARDED_BY(mu_);  // the earliest in front
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace voxeld
