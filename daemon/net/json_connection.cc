#include "daemon/net/json_connection.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <chrono>

#include "daemon/memory/recycled.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr uint32_t kInputEvents = EPOLLIN | EPOLLRDHUP;
constexpr int kReadsInATurn = 4;  // then others get their turn

}  // namespace

JsonConnection::JsonConnection(JsonDoor* door, UniqueFd fd, std::string peer,
                               absl::AnyInvocable<void()> closed)
    : JsonConnectionHot(door, std::move(fd)),
      splitter_(door->limits.max_line_bytes),
      output_(door->buffers),
      owned_session_(MakeRecycled<JsonSession>(door, JsonCaller{.peer = std::move(peer)},
                                               [this] { door_->poller->AtRoundEnd(*this); })),
      closed_(std::move(closed)) {
  session_ = owned_session_.get();
}

void JsonConnection::Start() {
  if (!door_->poller->Watch(fd_.get(), kInputEvents, shared_from_this(), FdUse::kReceive).ok()) {
    Close();
  }
}

void JsonConnection::OnReady(uint32_t events) {
  if (!fd_.ok()) return;
  Hear(events);
  Read();
  TakeTurn();
}

// A gone peer's last requests are taken whatever waits already: only notifications among them will
// run.
bool JsonConnection::MayTake() const {
  return peer_gone_ || (session_->in_flight() < door_->limits.max_in_flight && HasRoom());
}

// Whether anything was read, or is left for another turn.
bool JsonConnection::Read() {
  bool any = false;
  for (int i = 0; bytes_left_ && input_ != Input::kEnded; ++i) {
    if (lines_left_ || !MayTake()) break;
    any = true;
    if (i == kReadsInATurn) break;
    bytes_left_ = ReadOnce();
    if (input_ != Input::kDiscarding) TakeLines();
  }
  return any;
}

// Whether there may be more.
bool JsonConnection::ReadOnce() {
  const EventSource::Received got = door_->poller->Receive(fd_.get());
  if (!got.bytes.empty()) {
    if (input_ == Input::kOpen) splitter_.FeedView(got.bytes);
    return got.more || hangup_seen_;
  }
  if (got.error == EAGAIN) return false;
  if (got.error != 0) peer_gone_ = true;
  if (input_ == Input::kOpen) splitter_.FeedEnd();
  input_ = Input::kEnded;
  return false;
}

void JsonConnection::TakeLines() {
  std::string_view line;
  for (;;) {
    if (lines_left_ = !MayTake(); lines_left_) break;
    const LineSplitter::State state = splitter_.Next(&line);
    if (state == LineSplitter::State::kWaiting) break;
    if (state == LineSplitter::State::kTooLong) {
      KeepInput();
      return RefuseTheRest();
    }
    session_->TakeLine(line);
    line_begun_ = {};  // what follows is another line
  }
  KeepInput();
  WatchPartialLine();
}

// The door's input is others', too. A connection that holds no part of a line holds no memory.
void JsonConnection::KeepInput() {
  splitter_.Keep([buffers = door_->buffers](std::string* text, size_t bytes) {
    buffers->Give(*text);
    *text = buffers->Take(bytes);
  });
  if (splitter_.buffered() > 0) return;
  std::string unused = splitter_.ReleaseMemory();
  door_->buffers->Give(unused);
}

// The line's sender may still be writing: what it writes is read and dropped for a while, so that
// it gets to reading our answer.
void JsonConnection::RefuseTheRest() {
  session_->RefuseLine(voxel::Error(
      voxel::Reason::LIMIT_BYTES,
      voxel::StrCat("a line is longer than ", door_->limits.max_line_bytes, " bytes")));
  if (input_ == Input::kOpen) input_ = Input::kDiscarding;
  door_->poller->Cancel(input_timer_);
  input_timer_ = door_->poller->After(door_->limits.refused_line, [this] { Close(); });
}

// One timer per connection at most, looked at when it fires: lines come and go too fast to set one
// for each.
void JsonConnection::WatchPartialLine() {
  const bool partial = !lines_left_ && input_ == Input::kOpen && splitter_.buffered() > 0;
  if (!partial) {
    line_begun_ = {};
    return;
  }
  if (line_begun_ == Poller::Clock::time_point{}) line_begun_ = Poller::Clock::now();
  if (input_timer_ != Poller::TimerId{}) return;
  input_timer_ = door_->poller->After(door_->limits.partial_line, [this] {
    input_timer_ = {};
    LineTooSlow();
  });
}

void JsonConnection::LineTooSlow() {
  if (line_begun_ == Poller::Clock::time_point{}) return;
  const auto age = absl::FromChrono(Poller::Clock::now() - line_begun_);
  if (age < door_->limits.partial_line) {
    input_timer_ = door_->poller->After(door_->limits.partial_line - age, [this] {
      input_timer_ = {};
      LineTooSlow();
    });
    return;
  }
  session_->RefuseLine(
      voxel::Error(voxel::Reason::DEADLINE_PASSED,
                   voxel::StrCat("a line was not complete after ",
                                 absl::ToInt64Seconds(door_->limits.partial_line), " s")));
  input_ = Input::kEnded;
  door_->poller->AtRoundEnd(*this);
}

void JsonConnection::OnRoundEnd() {
  if (fd_.ok()) TakeTurn();
}

void JsonConnection::TakeTurn() {
  const bool start = HasRoom();
  session_->Work(start, &door_->output);
  Flush();
  bool more = !start && HasRoom();  // what waits may start now
  if (lines_left_ && MayTake()) {
    TakeLines();
    more = true;
  }
  if (Read() || more) door_->poller->AtRoundEnd(*this);
  AskForTurn();
  CloseIfDone();
}

void JsonConnection::AskForTurn() {
  const bool room = output_.unsent() < door_->limits.stream_output_bytes;
  if (turn_asked_ || !room || !session_->streams_ready()) return;
  turn_asked_ = true;
  door_->turns->Ask(std::static_pointer_cast<JsonConnection>(shared_from_this()));
}

void JsonConnection::TakeStreamTurn() {
  turn_asked_ = false;
  if (!fd_.ok() || output_.unsent() >= door_->limits.stream_output_bytes) return;
  session_->Pump(door_->limits.stream_output_bytes - output_.unsent(), &door_->output);
  Flush();
  AskForTurn();
  door_->poller->AtRoundEnd(*this);  // the last stream of a half-closed peer may have ended
}

void JsonConnection::Flush() {
  const OutputBuffer::Flushed flushed = output_.Flush(fd_.get(), door_->output);
  door_->output.clear();
  if (door_->output.capacity() > JsonDoor::kKeptOutputBytes) door_->output.shrink_to_fit();
  if (flushed == OutputBuffer::Flushed::kFailed) peer_gone_ = true;
  if (peer_gone_) output_.Clear();
  const bool blocked = flushed == OutputBuffer::Flushed::kBlocked;
  if (blocked == awaiting_room_) return;
  awaiting_room_ = blocked;
  door_->poller->AwaitRoom(fd_.get(), blocked);
}

void JsonConnection::CloseIfDone() {
  if (peer_gone_) {
    // What it sent before it went may hold notifications: read on to the end.
    if (input_ == Input::kEnded && !lines_left_) Close();
    return;
  }
  if (output_.unsent() > door_->limits.hard_output_bytes) {
    LogUnread(*door_->log, output_.unsent());
    return Close();
  }
  if (input_ == Input::kEnded && !lines_left_ && idle()) Close();
  if (input_ == Input::kDiscarding && idle()) shutdown(fd_.get(), SHUT_WR);
}

void JsonConnection::Close() {
  if (!fd_.ok()) return;
  door_->poller->Cancel(input_timer_);
  session_->PeerGone();
  std::string part = splitter_.Abandon();
  door_->buffers->Give(part);
  output_.Clear();
  door_->poller->Remove(fd_.get());
  fd_.Reset();
  closed_();
}

}  // namespace voxeld
