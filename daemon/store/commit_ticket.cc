#include "daemon/store/commit_ticket.h"

#include <atomic>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/inlined_vector.h"
#include "absl/synchronization/mutex.h"
#include "voxel/base/check.h"

namespace voxeld {

struct CommitTicket::State {
  using Waiter = absl::AnyInvocable<void(absl::Status)>;

  std::atomic<bool> resolved{false};  // release: whoever sees it set may read `status`
  absl::Status status;                // constant once resolved

  absl::Mutex mu;
  absl::InlinedVector<Waiter, 1> waiters ABSL_GUARDED_BY(mu);
};

CommitTicket CommitTicket::Make() {
  CommitTicket ticket;
  ticket.state_ = std::make_shared<State>();
  return ticket;
}

bool CommitTicket::ready() const {
  return state_ == nullptr || state_->resolved.load(std::memory_order_acquire);
}

bool CommitTicket::failed() const { return state_ != nullptr && ready() && !state_->status.ok(); }

void CommitTicket::Then(absl::AnyInvocable<void(absl::Status)> fn) const {
  if (state_ == nullptr) return fn(absl::OkStatus());
  if (!ready()) {
    absl::MutexLock lock(&state_->mu);
    if (!ready()) {
      state_->waiters.push_back(std::move(fn));
      return;
    }
  }
  fn(state_->status);
}

void CommitTicket::Resolve(absl::Status status) const {
  VOXEL_CHECK(state_ != nullptr && !ready());
  const std::shared_ptr<State> state = state_;  // a waiter may drop the last other copy
  absl::InlinedVector<State::Waiter, 1> waiters;
  {
    absl::MutexLock lock(&state->mu);
    state->status = std::move(status);
    state->resolved.store(true, std::memory_order_release);
    waiters.swap(state->waiters);
  }
  for (State::Waiter& waiter : waiters) waiter(state->status);
}

}  // namespace voxeld
