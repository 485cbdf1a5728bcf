// The calls and streams of one JSON-RPC connection: lines in, lines out, no socket.
//
// Callers:    a connection's, over the Unix socket, may do everything; MCP's what their token
//             allows.
// Order:      replies go out in the order of their requests; CallOrder says what may run at once.
//             rpc.cancel acts when it is read, and its own reply waits its turn like any other.
// Deadlines:  a call that waits for others of its connection to end is answered DEADLINE_PASSED
//             when its time comes, and never begins: as the dispatcher does with those that it has.
// Streams:    a call of a server-streaming method is answered {"subscription":N}; rpc.item
//             notifications follow while the output has room, then rpc.end.
// Threading:  the poller's thread; CallEnded and CallProgress from any.
// Ownership:  shared by its connection and by each call that runs: it outlives the connection until
//             they end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "daemon/net/call_order.h"
#include "daemon/net/json_call.h"
#include "daemon/net/json_door.h"
#include "daemon/net/reply_queue.h"
#include "daemon/net/subscription.h"

namespace voxeld {

// Who asks, by which door, and what they may do.
struct JsonCaller {
  std::string peer;  // "uid:1000"
  Door door = Door::kJsonRpc;
  Scope scope = Scope::kAdmin;
};

class JsonSession : public JsonCallOwner,
                    public SubscriptionOwner,
                    public std::enable_shared_from_this<JsonSession> {
 public:
  // `wake` says that Work is worth a call.
  JsonSession(JsonDoor* door, JsonCaller caller, absl::AnyInvocable<void()> wake);

  // Takes one request or batch. Nothing runs before Work.
  void TakeLine(std::string_view line);
  // Answers a line that cannot be taken.
  void RefuseLine(const absl::Status& status);
  // Starts what may start, if `start`, and appends the replies that are ready to `out`.
  void Work(bool start, std::string* out);
  // Appends items of streams, in turn, until about `room` bytes or some items were appended.
  void Pump(size_t room, std::string* out);

  // Calls that are not answered yet: those that wait, run, or have a reply that waits its turn.
  int in_flight() const { return in_flight_; }
  // Streams have something to say, or to find out: Pump is worth a call once there is room.
  bool streams_ready() const { return streams_ != nullptr && !streams_->ready.empty(); }
  // Nothing is running, waiting to be sent, or streaming.
  bool idle() const {
    return replies_.empty() && (streams_ == nullptr || streams_->subscriptions.empty());
  }

  // The daemon stops: streams that only wait end with SHUTTING_DOWN.
  void Drain();
  // Asks every call and stream to stop; their errors are answered like any other.
  void CancelAll(const absl::Status& why);
  // The connection is gone: cancels calls and streams; nothing is ever appended again.
  // Notifications still run, since nobody waits for them anyway.
  void PeerGone();

  void CallEnded(JsonCall* call) override;
  void CallProgress(const JsonCall& call, double fraction) override;
  void SubscriptionReady(std::shared_ptr<Subscription> subscription) override;
  void SubscriptionTooSlow(const std::shared_ptr<Subscription>& subscription) override;

 private:
  void TakeCall(const JsonRpcCall& parsed);
  std::unique_ptr<JsonCall> Prepare(const JsonRpcCall& parsed, absl::Status* status);
  bool AnswerBuiltin(const JsonRpcCall& parsed, JsonCall* call);
  absl::StatusOr<bool> Cancel(std::string_view params);
  void StartWaiting();
  void WatchDeadlines();
  void RefuseLate();
  void Ended(JsonCall* call);
  void Subscribe(JsonCall* call, std::unique_ptr<ServerStream> stream);
  void Emitted(std::unique_ptr<JsonCall> call);
  void Remove(const Subscription& subscription);

  JsonDoor* const door_;
  const JsonCaller caller_;
  absl::AnyInvocable<void()> wake_;
  bool peer_gone_ = false;
  bool draining_ = false;
  bool working_ = false;        // in Work, before the replies: what ends now needs no further wake
  bool has_deadlines_ = false;  // there may be some among those that wait

  ReplyQueue replies_;
  CallOrder order_;
  int in_flight_ = 0;
  absl::InlinedVector<JsonCall*, 2> waiting_;  // not started yet, in order
  Poller::TimerId deadline_timer_;             // of theirs
  absl::Time looks_at_;                        // when it fires: not later than the first deadline
  std::string notes_;                          // notifications that wait for the next Work

  // What only connections with streams have.
  struct Streams {
    int64_t last = 0;  // number given
    // The streams of calls whose replies are not out yet, and those that are open.
    absl::flat_hash_map<JsonCall*, std::unique_ptr<ServerStream>> opened;
    absl::flat_hash_map<int64_t, std::shared_ptr<Subscription>> subscriptions;
    std::vector<std::shared_ptr<Subscription>> ready;  // in the order they became so
  };
  Streams& streams();
  std::vector<std::shared_ptr<Subscription>> OpenSubscriptions() const;

  std::unique_ptr<Streams> streams_;
};

}  // namespace voxeld
