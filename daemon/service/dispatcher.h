// Runs calls: admission, the right thread (inline, worker, or the project's strand), parked
// replies, statistics. Every door goes through here, and nothing else starts a method.
//
// Threading: every method from any thread. `done` runs exactly once per call: on the calling thread
//            if the call ran inline and its answer may go out at once, else on another thread. It
//            must be quick and must not block.
// Deadlines: a call that waits for a thread, or for its project to be loaded, is answered
//            DEADLINE_PASSED when its time comes, by the timers' thread, and never begins. One that
//            runs looks for itself. Who gets its thread at once needs no timer.
// Ownership: context, request and response must live until `done` has run.
#pragma once

#include <atomic>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/runtime/executor.h"
#include "daemon/runtime/worker_pool.h"
#include "daemon/service/method.h"
#include "daemon/service/method_table.h"
#include "daemon/service/peer_waits.h"
#include "daemon/stats/call_stats.h"
#include "voxel/base/status_macros.h"

namespace voxeld {

// What a call gets that ends because the daemon stops. SHUTTING_DOWN (fact retry_after_ms).
absl::Status Stopping();

class Dispatcher {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;
  // Whether a unary call may run on the calling thread.
  enum class Inline { kAllowed, kNever };

  // How many calls may wait for a thread, beyond what the pool lets wait; more are OVERLOADED.
  struct Limits {
    size_t strand_queue = 8192;  // writes of one project
    size_t peer_queue = 3072;    // calls of one peer, wherever they wait
  };
  Dispatcher(const MethodTable* methods, Services* services, WorkerPool* pool,
             const Limits& limits);

  const MethodTable& methods() const { return *methods_; }

  // What became of calls. Those that come here are counted here, a stream by how it was opened;
  // doors add the bytes, calls that they refuse by themselves, of no method at all if null, and
  // what went wrong behind the answer, as the end of a stream.
  CallStats& calls() { return calls_; }
  void CountRefused(const Method* method, Door door, const absl::Status& status);

  // `tell` hears of calls that took at least `threshold` from when they came here to their answer,
  // on the thread that answers; of a stream, of its opening. Before the first call.
  using Slow = absl::AnyInvocable<void(const Method&, const CallContext&, absl::Duration took,
                                       const absl::Status&) const>;
  void OnSlow(absl::Duration threshold, Slow tell) {
    slow_ns_ = absl::ToInt64Nanoseconds(threshold);
    tell_slow_ = std::move(tell);
  }

  // REQUIRES: method.unary(). OVERLOADED (fact retry_after_ms) if too much waits already;
  // SHUTTING_DOWN while draining.
  void Call(const Method& method, CallContext& context, const google::protobuf::Message& request,
            google::protobuf::Message* response, Inline may_inline, Done done);

  // REQUIRES: method.server_stream(). Opens on this thread if the method is cheap, else on a
  // worker.
  using Opened = absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<ServerStream>>)>;
  void Open(const Method& method, CallContext& context, const google::protobuf::Message& request,
            Inline may_inline, Opened done);
  // One step of a server stream; runs Next on this thread (cheap methods) or on a worker. `done`
  // gets what Next said.
  using Pulled = absl::AnyInvocable<void(absl::StatusOr<ServerStream::Pull>)>;
  void Pull(const Method& method, CallContext& context, ServerStream& stream,
            google::protobuf::Message* message, Inline may_inline, Pulled done);

  // REQUIRES: method.client_stream(). Finish runs the stream's Finish on the right strand, then
  // parks like Call.
  absl::StatusOr<std::unique_ptr<ClientStream>> OpenClient(const Method& method,
                                                           CallContext& context);
  void Finish(const Method& method, CallContext& context, ClientStream& stream,
              google::protobuf::Message* response, Done done);

  // For what a door has to do off its poller before it can call: runs `work` on a worker, for that
  // peer. Else OVERLOADED (fact retry_after_ms), and nothing is done. A `work` that holds a pointer
  // needs no heap.
  template <typename Work>
  absl::Status RunOnWorker(std::string_view peer, Work work) {
    const Executor::Place place = Executor::AnyWorker();
    VOXEL_ASSIGN_OR_RETURN(PeerWaits::Turn turn, Wait(place, peer));
    executor_.Run(place, [turn = std::move(turn), work = std::move(work)]() mutable {
      turn.End();
      work();
    });
    return absl::OkStatus();
  }
  // The same for a call, which gets late(DEADLINE_PASSED) instead if it still waits at its
  // deadline.
  template <typename Work, typename Late>
  absl::Status RunOnWorker(CallContext& context, Work work, Late late) {
    if (context.deadline == absl::InfiniteFuture())
      return RunOnWorker(context.peer, std::move(work));
    return RunUntilDeadline(context, std::move(work), std::move(late));
  }

  // From now on new calls answer SHUTTING_DOWN; running ones go on.
  void Drain() { draining_.store(true, std::memory_order_relaxed); }
  bool draining() const { return draining_.load(std::memory_order_relaxed); }
  int64_t in_flight() const { return in_flight_->load(std::memory_order_acquire); }

 private:
  class Running;

  absl::Status Admit(const CallContext& context) const;
  // Lets a call of that peer wait, or OVERLOADED if too many do.
  absl::StatusOr<PeerWaits::Turn> Enter(std::string_view peer);
  // Lets it wait there, or OVERLOADED. `project` is whose strand that is, if any.
  absl::StatusOr<PeerWaits::Turn> Wait(const Executor::Place& place, std::string_view peer,
                                       std::string_view project = {});
  // Runs a cheap call on this thread, if nothing is in its way: its project closed, its strand
  // busy. Then the answer is out, or parked; else nothing has happened.
  bool TryRunHere(const Method& method, CallContext& context,
                  const google::protobuf::Message& request, google::protobuf::Message* response,
                  Running& running);
  // Calls work(running, may_inline) once the project can be found without waiting for the disk:
  // here and now unless it is closed. Answers for it if it cannot be loaded.
  void WhenOpen(const std::string& project, bool may_inline, Running running,
                absl::AnyInvocable<void(Running, bool may_inline)> work);
  // Runs `work` at that place, or answers OVERLOADED. `project` as for Wait.
  void RunAt(const Executor::Place& place, std::string_view project, Running running,
             absl::AnyInvocable<void(Running)> work);
  // RunAt for any worker.
  void OnWorker(Running running, absl::AnyInvocable<void(Running)> work);
  // RunAt for the project's strand; here and now if that `may_inline` and is free.
  void OnStrand(const std::string& project, bool may_inline, Running running,
                absl::AnyInvocable<void(Running)> work);
  // RunOnWorker for a call that has a deadline.
  absl::Status RunUntilDeadline(CallContext& context, Task work, Done late);

  const MethodTable* const methods_;
  Services* const services_;
  const Executor executor_;
  PeerWaits waits_;
  CallStats calls_;
  std::atomic<bool> draining_{false};
  const std::shared_ptr<std::atomic<int64_t>> in_flight_ =
      std::make_shared<std::atomic<int64_t>>(0);
  int64_t slow_ns_ = std::numeric_limits<int64_t>::max();
  Slow tell_slow_;
};

}  // namespace voxeld
