// One open server stream of a JSON-RPC connection: pulls items while the connection's output has
// room, and says the end.
//
// Data flow:  rpc.item notifications while there are items, then one rpc.end, with an error if it
//             failed.
// Threading:  the poller's thread; Pull's result and the stream's wake-up come from any.
// Ownership:  shared by the connection and the pull that is running. Owns the call it came from:
//             the stream may keep using its context.
#pragma once

#include <memory>
#include <string>

#include "daemon/io/poller.h"
#include "daemon/net/json_call.h"

namespace voxeld {

class Subscription;

// The connection, as its subscriptions see it.
class SubscriptionOwner {
 public:
  virtual ~SubscriptionOwner() = default;
  // Advance is worth a call, when the output has room. Poller's thread.
  virtual void SubscriptionReady(std::shared_ptr<Subscription> subscription) = 0;
  // GiveUp is worth a call, room or not. Poller's thread.
  virtual void SubscriptionTooSlow(const std::shared_ptr<Subscription>& subscription) = 0;
};

class Subscription : public std::enable_shared_from_this<Subscription> {
 public:
  // REQUIRES: the call has ended well, and `stream` is its.
  Subscription(int64_t number, std::unique_ptr<JsonCall> call, std::unique_ptr<ServerStream> stream,
               std::weak_ptr<SubscriptionOwner> owner, Poller* poller, Dispatcher* dispatcher);
  // To be called once, before anything else.
  void Begin();

  int64_t number() const { return number_; }
  const JsonCall& call() const { return *call_; }
  const absl::Status& status() const { return status_; }
  bool ended() const { return state_ == State::kEnded; }
  // It waits for something to happen, not for room: ending it loses nothing that was asked for and
  // is there already.
  bool waiting() const { return state_ == State::kArmed; }

  // Appends what the last pull brought and asks for more. Calls SubscriptionReady again when it is
  // worth it.
  void Advance(std::string* out);
  // Ends the stream with that error; while a pull runs: as soon as it is back.
  void End(const absl::Status& status, std::string* out);
  // The client takes too little: appends what was pulled already and the stream's own error, while
  // a pull runs: as soon as it is back. Nothing if it waits for something to happen.
  void GiveUp(std::string* out);
  // As End, for a connection that is gone.
  void Drop();

 private:
  enum class State { kIdle, kPulling, kPulled, kArmed, kEnded };

  void Pull();
  void Pulled(const absl::StatusOr<ServerStream::Pull>& result);  // any thread
  void Arm();
  void SetReady(State state);
  void AppendItem(std::string* out);
  // Ends as the last pull says, or appends its item; false if it brought neither.
  bool TakePulled(std::string* out);
  void Finish(const absl::Status& status, std::string* out);

  const int64_t number_;
  const std::unique_ptr<JsonCall> call_;
  const std::weak_ptr<SubscriptionOwner> owner_;
  Poller* const poller_;
  Dispatcher* const dispatcher_;

  State state_ = State::kIdle;
  absl::Status status_;
  absl::Status end_asked_;  // not OK: end with this as soon as possible
  bool too_slow_ = false;   // give up as soon as the pull is back
  Poller::TimerId deadline_;
  std::unique_ptr<ServerStream> stream_;
  // Written by the thread that pulls, read once it has handed over.
  absl::StatusOr<ServerStream::Pull> pulled_ = ServerStream::Pull::kPending;
  std::string item_;
};

}  // namespace voxeld
