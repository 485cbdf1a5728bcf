// The socket side of a connection that asks and is answered (HTTP and RESP2): reads what may be
// taken, gives up slow, silent and gone peers. What the bytes mean is the subclass's.
//
// Turns:      what one event brings is answered in one write, before the next connection is looked
//             at, while all of it is in the processor's caches. What waits for what others bring,
//             or takes longer, is answered at the end of a round.
// Limits:     reading pauses while MayTake says no; a request must be whole after `partial`; with
//             `idle` set, one must be begun that soon after the last one; a reader that lets too
//             much pile up is closed.
// Closing:    a peer that closed its sending side only is served to the end. One that is gone is
//             told of by PeerGone, once, and nothing more is taken.
// Threading:  the poller's thread.
// Ownership:  the poller's, while it is open.
// Memory:     what was read and not used, and what is unsent, is in texts of the pool: an idle
//             connection holds none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "daemon/io/poller.h"
#include "daemon/io/unique_fd.h"
#include "daemon/net/connection.h"
#include "daemon/net/output_buffer.h"
#include "daemon/stats/log.h"

namespace voxeld {

struct ByteLimits {
  size_t soft_output_bytes = 1 << 20;              // unsent: nothing new is taken above it
  size_t hard_output_bytes = SIZE_MAX;             // unsent: the connection is closed above it
  absl::Duration partial = absl::Seconds(30);      // a request must be whole after so long
  absl::Duration idle = absl::InfiniteDuration();  // between requests
  absl::Duration refused = absl::Seconds(5);       // how long the rest of a refused one is dropped
};

// What every event of a connection needs; see Connection.
class ByteConnectionHot : public Connection {
 protected:
  enum class Input : uint8_t { kOpen, kDiscarding, kEnded };

  ByteConnectionHot(Poller* poller, UniqueFd fd) : Connection(std::move(fd)), poller_(poller) {}

  Poller* const poller_;
  Input input_ = Input::kOpen;
  bool stalled_ = false;  // MayTake said no: the rest may hold whole requests
  bool draining_ = false;
  bool was_partial_ = false;
  bool active_ = false;         // bytes came since the clock was last looked at
  bool awaiting_room_ = false;  // the poller tells when the socket takes more
};
static_assert(sizeof(ByteConnectionHot) == kHotBytes);

class ByteConnection : public ByteConnectionHot {
 public:
  // `limits` are the door's. `closed` runs once, when the socket is closed.
  ByteConnection(Poller* poller, BufferPool* buffers, const ByteLimits& limits, UniqueFd fd,
                 absl::AnyInvocable<void()> closed);

  // Begins to serve, or closes at once if the poller cannot take it. REQUIRES: held by a
  // shared_ptr.
  void Start();
  bool idle() const override { return !Busy() && output_.unsent() == 0; }
  void Drain() override;

  void OnReady(uint32_t events) final;
  void OnRoundEnd() final;

 protected:
  // Takes whole requests from the front of `bytes`, as many as MayTake allows, and returns their
  // size. The rest comes again: with more behind it, or once MayTake says yes again.
  virtual size_t Take(std::string_view bytes) = 0;
  virtual bool MayTake() const = 0;
  // Appends the answers that are ready. `round_ends`: all that others bring is there.
  virtual void Work(bool round_ends) = 0;
  // What was taken is answered together with what other connections bring in this round.
  virtual bool AwaitsRoundEnd() const { return false; }
  // Something was taken and is not answered.
  virtual bool Busy() const = 0;
  // A request is begun and not whole. `rest`: bytes that were given and not used.
  virtual bool Partial(size_t rest) const = 0;
  // Appends the answer for a request that took too long to come; no other will be taken.
  virtual void TooSlow() = 0;
  // The peer is gone: nobody reads what is still to come.
  virtual void PeerGone() = 0;
  virtual const Log& log() const = 0;

  Poller* poller() const { return poller_; }
  const ByteLimits& limits() const { return limits_; }
  std::string* out() { return output_.text(); }
  size_t unsent() const { return output_.unsent(); }
  void WorkSoon() { poller_->AtRoundEnd(*this); }
  bool taking() const { return input_ == Input::kOpen; }
  // A whole request was taken: the clock of the next one begins with its first bytes.
  void TookOne() { was_partial_ = false; }
  // Nothing more is taken: what is owed is written, then the connection is closed.
  void EndInput();
  // The same, for a peer that may still be writing: that is read and dropped for a while, so that
  // it gets to reading our answer.
  void RefuseTheRest();

 private:
  bool Read();
  bool ReadOnce();
  void TakeTurn(bool round_ends);
  void TakeNew(std::string_view bytes);
  void TakeRest();
  void KeepRest(std::string_view bytes);
  void DropRest();
  void WatchClock();
  void LookAtClock();
  void EndLater();
  absl::Duration TimeLeft() const;
  void Flush();
  void CloseIfDone();
  void Close();

  BufferPool* const buffers_;
  std::string rest_;  // given to Take and not used
  OutputBuffer output_;
  const ByteLimits& limits_;
  Poller::Clock::time_point since_{};  // a request was begun, or the last one ended
  Poller::TimerId timer_;
  absl::AnyInvocable<void()> closed_;
};

}  // namespace voxeld
