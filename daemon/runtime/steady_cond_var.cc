#include "daemon/runtime/steady_cond_var.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "voxel/base/steady_time.h"

namespace voxeld {
namespace {

constexpr absl::Duration kLongestWait = absl::Hours(24);  // then for no reason

int64_t Futex(std::atomic<uint32_t>* word, int operation, uint32_t value, const timespec* time) {
  static_assert(sizeof *word == sizeof(uint32_t));
  return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, time, nullptr, 0);
}

}  // namespace

// The turn is read before the mutex is let go: a signal behind that has another turn, and the
// kernel does not sleep. A time that FUTEX_WAIT is given is a duration, which nobody sets.
bool SteadyCondVar::WaitUntil(absl::Mutex* mu, absl::Time deadline) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const absl::Duration left = deadline - voxel::SteadyNow();
  if (left <= absl::ZeroDuration()) return true;
  const timespec time = absl::ToTimespec(std::min(left, kLongestWait));
  waiters_.fetch_add(1, std::memory_order_relaxed);
  const uint32_t turn = turn_.load(std::memory_order_relaxed);
  mu->Unlock();
  const bool over = Futex(&turn_, FUTEX_WAIT, turn, &time) != 0 && errno == ETIMEDOUT;
  mu->Lock();
  waiters_.fetch_sub(1, std::memory_order_relaxed);
  return over && left <= kLongestWait;
}

void SteadyCondVar::SignalAll() { Wake(INT_MAX); }

void SteadyCondVar::Wake(int most) {
  if (waiters_.load(std::memory_order_relaxed) == 0) return;
  turn_.fetch_add(1, std::memory_order_relaxed);
  Futex(&turn_, FUTEX_WAKE, static_cast<uint32_t>(most), nullptr);
}

}  // namespace voxeld
