#include "daemon/store/open_work.h"

namespace voxeld {

void OpenWork::End() {
  if (open_.fetch_sub(1) != 1 || !waited_for_.load()) return;
  absl::MutexLock lock(&mu_);
  ended_.SignalAll();
}

void OpenWork::Wait() {
  absl::MutexLock lock(&mu_);
  waited_for_.store(true);
  while (open_.load() != 0) ended_.Wait(&mu_);
}

}  // namespace voxeld
