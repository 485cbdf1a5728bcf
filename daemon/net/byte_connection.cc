#include "daemon/net/byte_connection.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace voxeld {
namespace {

constexpr uint32_t kWantedEvents = EPOLLIN | EPOLLRDHUP;
constexpr int kReadsInATurn = 4;             // then others get their turn
constexpr size_t kLeastRestBytes = 2 << 10;  // room for the rest of a request that is begun

}  // namespace

ByteConnection::ByteConnection(Poller* poller, BufferPool* buffers, const ByteLimits& limits,
                               UniqueFd fd, absl::AnyInvocable<void()> closed)
    : ByteConnectionHot(poller, std::move(fd)),
      buffers_(buffers),
      output_(buffers),
      limits_(limits),
      closed_(std::move(closed)) {}

void ByteConnection::Start() {
  if (!poller_->Watch(fd_.get(), kWantedEvents, shared_from_this(), FdUse::kReceive).ok()) {
    return Close();
  }
  since_ = Poller::Clock::now();
  WatchClock();
}

void ByteConnection::OnReady(uint32_t events) {
  if (!fd_.ok()) return;
  Hear(events);
  Read();
  AwaitsRoundEnd() ? WorkSoon() : TakeTurn(false);
}

// Whether anything was read, or is left for another turn.
bool ByteConnection::Read() {
  bool any = false;
  for (int i = 0; bytes_left_ && input_ != Input::kEnded && !peer_gone_; ++i) {
    if (input_ == Input::kOpen && (stalled_ || !MayTake())) break;
    any = true;
    if (i == kReadsInATurn) break;
    bytes_left_ = ReadOnce();
  }
  return any;
}

// Whether there may be more.
bool ByteConnection::ReadOnce() {
  const EventSource::Received got = poller_->Receive(fd_.get());
  if (!got.bytes.empty()) {
    if (input_ == Input::kOpen) TakeNew(got.bytes);
    return got.more || hangup_seen_;
  }
  if (got.error == EAGAIN) return false;
  if (got.error != 0) peer_gone_ = true;
  EndInput();
  return false;
}

void ByteConnection::TakeNew(std::string_view bytes) {
  active_ = true;
  if (!rest_.empty()) {
    rest_.append(bytes);
    return TakeRest();
  }
  const size_t used = Take(bytes);
  if (input_ == Input::kOpen) KeepRest(bytes.substr(used));
  stalled_ = !rest_.empty() && !MayTake();
  WatchClock();
}

void ByteConnection::TakeRest() {
  rest_.erase(0, Take(rest_));
  if (rest_.empty() || input_ != Input::kOpen) DropRest();
  stalled_ = !rest_.empty() && !MayTake();
  WatchClock();
}

void ByteConnection::KeepRest(std::string_view bytes) {
  if (bytes.empty()) return;
  rest_ = buffers_->Take(std::max(kLeastRestBytes, 2 * bytes.size()));
  rest_.assign(bytes);
}

void ByteConnection::DropRest() {
  if (rest_.capacity() > std::string().capacity()) buffers_->Give(rest_);
}

// One timer per connection at most, looked at when it fires: requests come and go too fast to set
// one for each.
void ByteConnection::WatchClock() {
  if (input_ == Input::kDiscarding) return;
  const bool partial = input_ == Input::kOpen && !stalled_ && Partial(rest_.size());
  if (partial && !was_partial_) {
    since_ = Poller::Clock::now();
    if (limits_.idle != absl::InfiniteDuration()) poller_->Cancel(timer_);  // it would come later
  }
  was_partial_ = partial;
  const bool wanted = partial || limits_.idle != absl::InfiniteDuration();
  if (!wanted || timer_ != Poller::TimerId{}) return;
  timer_ = poller_->After(partial ? limits_.partial : limits_.idle, [this] {
    timer_ = {};
    LookAtClock();
  });
}

absl::Duration ByteConnection::TimeLeft() const {
  const auto age = absl::FromChrono(Poller::Clock::now() - since_);
  return (was_partial_ ? limits_.partial : limits_.idle) - age;
}

void ByteConnection::LookAtClock() {
  if (!was_partial_ && (limits_.idle == absl::InfiniteDuration() || input_ != Input::kOpen)) return;
  // Whoever waits for us is not silent.
  if (!was_partial_ && (std::exchange(active_, false) || !idle())) since_ = Poller::Clock::now();
  const absl::Duration left = TimeLeft();
  if (left > absl::ZeroDuration()) {
    timer_ = poller_->After(left, [this] {
      timer_ = {};
      LookAtClock();
    });
    return;
  }
  if (!was_partial_) return EndInput();
  TooSlow();
  RefuseTheRest();
}

void ByteConnection::EndInput() {
  input_ = Input::kEnded;
  stalled_ = was_partial_ = false;
  WorkSoon();
}

void ByteConnection::RefuseTheRest() {
  if (input_ != Input::kOpen) return;
  input_ = Input::kDiscarding;
  stalled_ = was_partial_ = false;
  EndLater();
  WorkSoon();
}

void ByteConnection::EndLater() {
  poller_->Cancel(timer_);
  timer_ = poller_->After(limits_.refused, [this] {
    timer_ = {};
    idle() ? Close() : EndLater();
  });
}

void ByteConnection::Drain() {
  draining_ = true;
  WorkSoon();
}

void ByteConnection::OnRoundEnd() {
  if (!fd_.ok()) return output_.Clear();  // the answer of a call that ended too late
  TakeTurn(true);
}

void ByteConnection::TakeTurn(bool round_ends) {
  Work(round_ends);
  Flush();
  // What was stalled goes on as far as answers that are out make room.
  while (stalled_ && !peer_gone_ && MayTake()) {
    const size_t before = rest_.size();
    TakeRest();
    Work(round_ends);
    Flush();
    if (rest_.size() == before) break;
  }
  if (Read()) WorkSoon();
  CloseIfDone();
}

void ByteConnection::Flush() {
  const OutputBuffer::Flushed flushed = output_.Flush(fd_.get());
  if (flushed == OutputBuffer::Flushed::kFailed) peer_gone_ = true;
  if (peer_gone_) output_.Clear();
  const bool blocked = flushed == OutputBuffer::Flushed::kBlocked;
  if (blocked == awaiting_room_) return;
  awaiting_room_ = blocked;
  poller_->AwaitRoom(fd_.get(), blocked);
}

void ByteConnection::CloseIfDone() {
  if (peer_gone_) return Close();
  if (unsent() > limits_.hard_output_bytes) {
    LogUnread(log(), unsent());
    return Close();
  }
  if (!idle()) return;
  if (draining_ && input_ == Input::kOpen && !stalled_ && !Partial(rest_.size())) return Close();
  if (input_ == Input::kEnded) return Close();
  if (input_ == Input::kDiscarding) shutdown(fd_.get(), SHUT_WR);
}

void ByteConnection::Close() {
  if (!fd_.ok()) return;
  poller_->Cancel(timer_);
  PeerGone();
  DropRest();
  output_.Clear();
  poller_->Remove(fd_.get());
  fd_.Reset();
  closed_();
}

}  // namespace voxeld
