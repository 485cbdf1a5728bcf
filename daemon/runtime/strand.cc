#include "daemon/runtime/strand.h"

#include <utility>

namespace voxeld {
namespace {

constexpr int kTasksPerTurn =
    32;  // then the thread goes back to the pool, so that other strands get their turn

}  // namespace

void Strand::Post(Task task) {
  {
    absl::MutexLock lock(&mu_);
    tasks_.push_back(std::move(task));
    if (running_) return;
    running_ = true;
  }
  pool_->Post([self = shared_from_this()] { self->RunSome(); });
}

bool Strand::TryRunInline(absl::FunctionRef<void()> task) {
  {
    absl::MutexLock lock(&mu_);
    if (running_) return false;  // whoever waits has a running turn ahead of it
    running_ = true;
  }
  task();
  {
    absl::MutexLock lock(&mu_);
    if (tasks_.empty()) {
      running_ = false;
      return true;
    }
  }
  pool_->Post([self = shared_from_this()] { self->RunSome(); });
  return true;
}

size_t Strand::queued() const {
  absl::MutexLock lock(&mu_);
  return tasks_.size();
}

void Strand::RunSome() {
  for (int i = 0; i < kTasksPerTurn; ++i) {
    Task task;
    {
      absl::MutexLock lock(&mu_);
      if (tasks_.empty()) {
        running_ = false;
        return;
      }
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    std::move(task)();
  }
  pool_->Post([self = shared_from_this()] { self->RunSome(); });
}

}  // namespace voxeld
