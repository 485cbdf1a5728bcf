// One JSON-RPC connection's socket: bytes to lines for its JsonSession, and its output back, one
// write a round.
//
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

#include "absl/functional/any_invocable.h"
#include "daemon/net/connection.h"
#include "daemon/net/json_door.h"
#include "daemon/net/json_session.h"
#include "daemon/net/output_buffer.h"
#include "daemon/net/poller.h"
#include "daemon/net/stream_turns.h"
#include "daemon/net/unique_fd.h"
#include "daemon/wire/jsonrpc.h"

namespace voxeld {

class JsonConnection : public Connection, public StreamHolder {
 public:
  // `closed` runs once, when the socket is closed. `peer` is who is there: "uid:1000".
  JsonConnection(JsonDoor* door, UniqueFd fd, std::string peer, absl::AnyInvocable<void()> closed);

  // Begins to serve, or closes at once if the poller cannot take it. REQUIRES: held by a
  // shared_ptr.
  void Start();
  bool idle() const override { return session_->idle() && output_.unsent() == 0; }
  void Drain() override { session_->Drain(); }
  void CancelAll() override { session_->CancelAll(); }

  void OnReady(uint32_t events) override;
  void OnRoundEnd() override;
  void TakeStreamTurn() override;

 private:
  enum class Input { kOpen, kDiscarding, kEnded };

  bool MayTake() const;
  void Read();
  bool ReadOnce();
  void TakeLines();
  void KeepInput();
  void RefuseTheRest();
  void WatchPartialLine();
  void LineTooSlow();
  void AskForTurn();
  void Flush();
  void CloseIfDone();
  void Close();

  JsonDoor* const door_;
  UniqueFd fd_;
  absl::AnyInvocable<void()> closed_;
  std::shared_ptr<JsonSession> session_;

  Input input_ = Input::kOpen;
  LineSplitter splitter_;
  bool lines_left_ = false;  // the splitter holds complete lines that were not taken
  bool bytes_left_ = false;  // the socket may hold bytes that were not read
  bool hangup_seen_ =
      false;  // the peer closed its sending side: a short read does not mean "no more"
  bool peer_gone_ = false;
  Poller::TimerId input_timer_;  // of an incomplete line, or of the rest of a refused one
  Poller::Clock::time_point line_begun_{};

  OutputBuffer output_;
  bool turn_asked_ = false;
  bool awaiting_room_ = false;  // the poller tells when the socket takes more
};

}  // namespace voxeld
