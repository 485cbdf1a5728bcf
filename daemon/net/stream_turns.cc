#include "daemon/net/stream_turns.h"

#include <utility>

namespace voxeld {
namespace {

// About the time of a small call: that is how long one may have to wait for streams.
constexpr auto kTurn = std::chrono::microseconds(30);

}  // namespace

void StreamTurns::Ask(std::weak_ptr<StreamHolder> holder) {
  waiting_.push_back(std::move(holder));
  poller_->AtRoundEnd(*this);
}

void StreamTurns::OnRoundEnd() {
  const Poller::Clock::time_point end = Poller::Clock::now() + kTurn;
  // Those who ask again during the round come after all others, perhaps in this round still.
  while (!waiting_.empty() && Poller::Clock::now() < end) {
    const std::shared_ptr<StreamHolder> holder = waiting_.front().lock();
    waiting_.pop_front();
    if (holder != nullptr) holder->TakeStreamTurn();
  }
  if (!waiting_.empty()) poller_->AtRoundEnd(*this);
}

}  // namespace voxeld
