#include "daemon/runtime/timers.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace voxeld {

Timers::Timers() : thread_([this] { Run(); }) {}

Timers::~Timers() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

void Timers::At(absl::Time when, absl::AnyInvocable<void()> fn) {
  absl::MutexLock lock(&mu_);
  heap_.push_back({when, std::move(fn)});
  std::push_heap(heap_.begin(), heap_.end(), Later);
}

bool Timers::NewsForThread() const {
  return stopping_ || (!heap_.empty() && heap_.front().when < sleeping_until_);
}

void Timers::Run() {
  mu_.Lock();
  while (!stopping_) {
    sleeping_until_ = heap_.empty() ? absl::InfiniteFuture() : heap_.front().when;
    mu_.AwaitWithDeadline(absl::Condition(this, &Timers::NewsForThread), sleeping_until_);
    while (!stopping_ && !heap_.empty() && heap_.front().when <= absl::Now()) {
      std::pop_heap(heap_.begin(), heap_.end(), Later);
      absl::AnyInvocable<void()> fn = std::move(heap_.back().fn);
      heap_.pop_back();
      mu_.Unlock();
      std::move(fn)();
      mu_.Lock();
    }
  }
  mu_.Unlock();
}

}  // namespace voxeld
