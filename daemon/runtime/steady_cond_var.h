// A condition variable whose waits end by the steady clock. Abseil's (20220623) end by the
// system's: if that is set back by a day meanwhile, who waits for a millisecond waits for a day.
//
// Threading: any thread; the mutex is the caller's.
// Cost:      a signal that nobody waits for is two loads; else a system call, as of a wait.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace voxeld {

class SteadyCondVar {
 public:
  SteadyCondVar() = default;
  SteadyCondVar(const SteadyCondVar&) = delete;
  SteadyCondVar& operator=(const SteadyCondVar&) = delete;

  // Lets go of `mu` and has it again when this returns: after a signal, at `deadline` (by
  // voxel::SteadyNow()), or for no reason. True: the deadline is over.
  bool WaitUntil(absl::Mutex* mu, absl::Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  void Wait(absl::Mutex* mu) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    WaitUntil(mu, absl::InfiniteFuture());
  }

  // Wake one, or all that wait. REQUIRES: the caller has the mutex, or has had it since it changed
  // what is waited for.
  void Signal() { Wake(1); }
  void SignalAll();

 private:
  void Wake(int most);

  std::atomic<uint32_t> turn_{0};    // of the signals; what the kernel compares before it sleeps
  std::atomic<int32_t> waiters_{0};  // changed with the mutex held
};

}  // namespace voxeld
