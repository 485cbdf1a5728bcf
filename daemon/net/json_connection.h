// One JSON-RPC connection's socket: bytes to lines for its JsonSession, and its output back.
//
// Turns:      what one event brings is answered in one write, before the next connection is looked
//             at, while all of it is in the processor's caches; what takes longer, at the end of a
//             round.
// Limits:     reading pauses while too many calls are in flight or too much output is unsent; a
//             line that is too long is answered, what follows it is dropped; a line must be
//             complete after a time; a reader that lets too much pile up is closed.
// Closing:    a peer that closed its sending side only is served to the end. One that is gone
//             cancels its calls.
// Threading:  the poller's thread.
// Ownership:  the poller's, while it is open.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "daemon/io/poller.h"
#include "daemon/io/unique_fd.h"
#include "daemon/net/connection.h"
#include "daemon/net/json_door.h"
#include "daemon/net/json_session.h"
#include "daemon/net/output_buffer.h"
#include "daemon/net/stream_turns.h"
#include "daemon/wire/jsonrpc.h"

namespace voxeld {

// What every event of a connection needs; see Connection.
class JsonConnectionHot : public Connection, public StreamHolder {
 protected:
  enum class Input : uint8_t { kOpen, kDiscarding, kEnded };

  JsonConnectionHot(JsonDoor* door, UniqueFd fd) : Connection(std::move(fd)), door_(door) {}

  JsonDoor* const door_;
  JsonSession* session_ = nullptr;  // owned below
  Input input_ = Input::kOpen;
  bool lines_left_ = false;  // the splitter holds complete lines that were not taken
  bool turn_asked_ = false;
  bool awaiting_room_ = false;  // the poller tells when the socket takes more
};
static_assert(sizeof(JsonConnectionHot) == kHotBytes);

class JsonConnection final : public JsonConnectionHot {
 public:
  // `closed` runs once, when the socket is closed. `peer` is who is there: "uid:1000".
  JsonConnection(JsonDoor* door, UniqueFd fd, std::string peer, absl::AnyInvocable<void()> closed);

  // Begins to serve, or closes at once if the poller cannot take it. REQUIRES: held by a
  // shared_ptr.
  void Start();
  bool idle() const override { return session_->idle() && output_.unsent() == 0; }
  void Drain() override { session_->Drain(); }
  void CancelAll() override { session_->CancelAll(Stopping()); }

  void OnReady(uint32_t events) override;
  void OnRoundEnd() override;
  void TakeStreamTurn() override;

 private:
  bool HasRoom() const { return output_.unsent() < door_->limits.soft_output_bytes; }
  bool MayTake() const;
  bool Read();
  bool ReadOnce();
  void TakeLines();
  void TakeTurn();
  void KeepInput();
  void RefuseTheRest();
  void WatchPartialLine();
  void LineTooSlow();
  void AskForTurn();
  void Flush();
  void CloseIfDone();
  void Close();

  LineSplitter splitter_;
  OutputBuffer output_;
  Poller::Clock::time_point line_begun_{};
  Poller::TimerId input_timer_;  // of an incomplete line, or of the rest of a refused one
  const std::shared_ptr<JsonSession> owned_session_;
  absl::AnyInvocable<void()> closed_;
};

}  // namespace voxeld
