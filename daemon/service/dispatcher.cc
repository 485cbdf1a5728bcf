#include "daemon/service/dispatcher.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "daemon/service/reading.h"
#include "daemon/service/services.h"
#include "daemon/stats/steady_ns.h"
#include "voxel/base/error.h"
#include "voxel/base/retry_later.h"
#include "voxel/base/short_text.h"
#include "voxel/base/steady_time.h"

namespace voxeld {
namespace {

using google::protobuf::Message;
using voxel::Error;
using voxel::Reason;

constexpr int64_t kCallsEndMs = 50;     // some of those that wait
constexpr int64_t kComesBackMs = 1000;  // a daemon that is restarted, at the earliest

absl::Status Overloaded(std::string_view what, size_t waiting) {
  return voxel::RetryLater(Reason::OVERLOADED,
                           voxel::ShortText(what, ": ", waiting, " calls wait already"),
                           kCallsEndMs);
}

// Empty if the method is about no project. Lives as long as the request is left alone.
std::string_view ProjectOf(const Method& method, const Message& request) {
  return method.project == nullptr ? std::string_view() : method.project(request);
}

}  // namespace

// One call on its way: counted while it lives, and its `done` guaranteed.
class Dispatcher::Running {
 public:
  // A step of a stream, which is not counted as a call.
  Running(Dispatcher* dispatcher, CallContext& context, Done done)
      : reply_{.in_flight = InFlight(dispatcher->in_flight_),
               .done = std::move(done),
               .context = &context} {}
  Running(Dispatcher* dispatcher, const Method& method, CallContext& context, Done done)
      : Running(dispatcher, context, std::move(done)) {
    reply_.counts = dispatcher;
    reply_.method = &method;
    reply_.begin_ns = context.began_ns != 0 ? context.began_ns : SteadyNs();
  }
  Running(Running&& other) noexcept = default;
  Running& operator=(Running&&) = delete;

  std::string_view peer() const { return wait_ != nullptr ? wait_->peer : reply_.context->peer; }
  // Whether it was answered while it waited.
  bool over() const { return wait_ != nullptr && wait_->over.load(); }

  // From now on the call waits for a thread: at its deadline it is answered DEADLINE_PASSED, unless
  // Begin comes first. Nothing if it has none, or waits already.
  void AnswerAtDeadline(Timers* timers) {
    if (wait_ != nullptr || timers == nullptr) return;
    const absl::Time deadline = reply_.context->deadline;
    if (deadline == absl::InfiniteFuture()) return;
    wait_ = std::make_shared<Waiting>(std::string(reply_.context->peer), timers, std::move(reply_));
    wait_->timer = timers->After(deadline - voxel::SteadyNow(), [wait = wait_] {
      if (wait->over.exchange(true)) return;
      wait->reply.Give(Error(Reason::DEADLINE_PASSED, "the deadline passed before the call began"));
    });
  }
  // The call has its thread. False if it was answered meanwhile: nothing that is the call's may be
  // touched then, for it may be gone.
  bool Begin() {
    const std::shared_ptr<Waiting> wait = std::move(wait_);
    if (wait == nullptr) return true;
    if (wait->over.exchange(true)) return false;
    wait->timers->Cancel(wait->timer);
    reply_ = std::move(wait->reply);
    return true;
  }

  // Counts the call, and tells of it if it was slow, once.
  void Count(const absl::Status& status) { reply_.Count(status); }
  // Answers now.
  void Finish(absl::Status status) {
    if (!Begin()) return;
    reply_.Give(std::move(status));
    reply_.in_flight.Leave();
  }
  // Answers once what the answer was derived from is published.
  // `ticket` is a copy: with the answer out, the call's own may be gone.
  void Park(const CommitTicket ticket, absl::Status status) {
    if (ticket.ready() && !ticket.failed()) return Finish(std::move(status));
    ticket.Then(
        [running = std::move(*this), status = std::move(status)](absl::Status committed) mutable {
          running.Finish(committed.ok() ? std::move(status) : std::move(committed));
        });
  }

 private:
  // A count of calls on their way, shared, for the dispatcher may go as soon as the last answer is
  // out.
  class InFlight {
   public:
    explicit InFlight(std::shared_ptr<std::atomic<int64_t>> count) : count_(std::move(count)) {
      count_->fetch_add(1, std::memory_order_relaxed);
    }
    InFlight(InFlight&& other) noexcept = default;
    InFlight& operator=(InFlight&& other) noexcept {
      Leave();
      count_ = std::move(other.count_);
      return *this;
    }
    ~InFlight() { Leave(); }

    void Leave() {
      // release: whoever sees the count drop to 0 while draining sees everything the call did.
      if (count_ != nullptr) count_->fetch_sub(1, std::memory_order_release);
      count_ = nullptr;
    }

   private:
    std::shared_ptr<std::atomic<int64_t>> count_;  // null: left
  };
  // What it takes to answer.
  struct Reply {
    InFlight in_flight;
    Done done;
    CallContext* context;          // lives until the answer
    Dispatcher* counts = nullptr;  // lives until the last call has ended; null: not to be counted
    const Method* method = nullptr;
    int64_t begin_ns = 0;

    void Count(const absl::Status& status) {
      Dispatcher* const dispatcher = std::exchange(counts, nullptr);
      if (dispatcher == nullptr) return;
      context->ended_ns = SteadyNs();
      const int64_t took = context->ended_ns - begin_ns;
      dispatcher->calls_.Ended(method->index, context->door, took, status, context->commands);
      if (took < dispatcher->slow_ns_) return;
      dispatcher->tell_slow_(*method, *context, absl::Nanoseconds(took), status);
    }
    void Give(absl::Status status) {
      Count(status);
      std::move(done)(std::move(status));
    }
  };
  // The reply of a call that waits until its deadline: whoever ends the wait has it, the thread
  // that begins the call or the timer. One that the timer answered is on its way until its turn
  // comes: till then what waits in a queue points to the dispatcher.
  struct Waiting {
    Waiting(std::string peer_in, Timers* timers_in, Reply reply_in)
        : peer(std::move(peer_in)), timers(timers_in), reply(std::move(reply_in)) {}

    const std::string peer;  // the context may be gone
    Timers* const timers;
    Timers::Id timer;  // of the thread that begins the call
    std::atomic<bool> over{false};
    Reply reply;
  };

  Reply reply_;                    // unless it waits
  std::shared_ptr<Waiting> wait_;  // null: it does not, or has no deadline
};

absl::Status Stopping() {
  return voxel::RetryLater(Reason::SHUTTING_DOWN, "the daemon is stopping", kComesBackMs);
}

Dispatcher::Dispatcher(const MethodTable* methods, Services* services, WorkerPool* pool,
                       const Limits& limits)
    : methods_(methods),
      services_(services),
      executor_(pool, limits.strand_queue),
      waits_(limits.peer_queue),
      calls_(methods->methods().size()) {}

void Dispatcher::CountRefused(const Method* method, Door door, const absl::Status& status) {
  const size_t index = method != nullptr ? method->index : methods_->methods().size();
  calls_.Ended(index, door, 0, status);
}

absl::Status Dispatcher::Admit(const CallContext& context) const {
  if (draining_.load(std::memory_order_relaxed)) return Stopping();
  return context.Task().Check();
}

void Dispatcher::WhenOpen(const std::string& project, bool may_inline, Running running,
                          absl::AnyInvocable<void(Running, bool may_inline)> work) {
  if (project.empty() || !services_->registry->closed(project)) {
    return work(std::move(running), may_inline);
  }
  absl::StatusOr<PeerWaits::Turn> turn = Enter(running.peer());
  if (!turn.ok()) return running.Finish(turn.status());
  running.AnswerAtDeadline(services_->timers);
  services_->registry->Open(project, [running = std::move(running), work = std::move(work),
                                      turn = *std::move(turn)](const absl::Status& status) mutable {
    turn.End();
    if (running.over()) return;  // it takes nobody's place in a queue
    if (!status.ok()) return running.Finish(status);
    work(std::move(running), false);
  });
}

absl::StatusOr<PeerWaits::Turn> Dispatcher::Enter(std::string_view peer) {
  std::optional<PeerWaits::Turn> turn = waits_.Enter(peer);
  if (!turn.has_value()) return Overloaded(voxel::ShortText("peer ", peer), waits_.most());
  return *std::move(turn);
}

absl::StatusOr<PeerWaits::Turn> Dispatcher::Wait(const Executor::Place& place,
                                                 std::string_view peer, std::string_view project) {
  if (const std::optional<size_t> waiting = executor_.Full(place)) {
    if (project.empty()) return Overloaded("the workers", *waiting);
    return Overloaded(voxel::ShortText("project ", project), *waiting);
  }
  return Enter(peer);
}

void Dispatcher::RunAt(const Executor::Place& place, std::string_view project, Running running,
                       absl::AnyInvocable<void(Running)> work) {
  absl::StatusOr<PeerWaits::Turn> turn = Wait(place, running.peer(), project);
  if (!turn.ok()) return running.Finish(turn.status());
  running.AnswerAtDeadline(services_->timers);
  executor_.Run(place, [running = std::move(running), work = std::move(work),
                        turn = *std::move(turn)]() mutable {
    turn.End();
    if (running.Begin()) work(std::move(running));
  });
}

absl::Status Dispatcher::RunUntilDeadline(CallContext& context, Task work, Done late) {
  VOXEL_ASSIGN_OR_RETURN(PeerWaits::Turn turn, Wait(Executor::AnyWorker(), context.peer));
  Running running(this, context, std::move(late));
  running.AnswerAtDeadline(services_->timers);
  executor_.Run(Executor::AnyWorker(), [running = std::move(running), work = std::move(work),
                                        turn = std::move(turn)]() mutable {
    turn.End();
    if (running.Begin()) std::move(work)();
  });
  return absl::OkStatus();
}

void Dispatcher::OnWorker(Running running, absl::AnyInvocable<void(Running)> work) {
  RunAt(Executor::AnyWorker(), {}, std::move(running), std::move(work));
}

void Dispatcher::OnStrand(const std::string& project, bool may_inline, Running running,
                          absl::AnyInvocable<void(Running)> work) {
  const auto found = services_->registry->Find(project);
  if (!found.ok())
    return OnWorker(std::move(running),
                    std::move(work));  // the method says what is wrong with the id
  const Executor::Place place = Executor::On(*(*found)->strand());
  if (may_inline && executor_.TryRunNow(place, [&] { work(std::move(running)); })) return;
  RunAt(place, project, std::move(running), std::move(work));
}

bool Dispatcher::TryRunHere(const Method& method, CallContext& context, const Message& request,
                            Message* response, Running& running) {
  const std::string_view id = ProjectOf(method, request);
  context.project = id.empty() ? nullptr : services_->registry->FindOpen(id);
  absl::Status status;
  const auto run = [&] {
    status = std::get<UnaryFn>(method.run)(*services_, context, request, response);
  };
  bool ran = true;
  if (context.project != nullptr && method.strand_field != nullptr) {
    ran = executor_.TryRunNow(Executor::On(*context.project->strand()), run);
  } else if (method.strand_field == nullptr) {
    // One that is not open is to be loaded, or does not exist, which the method says.
    ran = context.project != nullptr || id.empty() || !services_->registry->closed(id);
    if (ran) run();
  } else {
    // No project, no strand: what the method would say first. It may have come into being just now.
    if (!services_->registry->known(id)) status = FindProject(*services_, id).status();
    ran = !status.ok();
  }
  context.project = nullptr;
  if (ran) running.Park(context.ticket, std::move(status));
  return ran;
}

void Dispatcher::Call(const Method& method, CallContext& context, const Message& request,
                      Message* response, Inline may_inline, Done done) {
  Running running(this, method, context, std::move(done));
  if (absl::Status status = Admit(context); !status.ok()) return running.Finish(std::move(status));
  const bool cheap = may_inline == Inline::kAllowed && method.cost == Cost::kInline &&
                     (method.cheap == nullptr || method.cheap(request));
  if (cheap && TryRunHere(method, context, request, response, running)) return;
  auto work = [this, &method, &context, &request, response](Running call) {
    absl::Status status = context.Task().Check();  // it may have waited past its deadline
    if (status.ok()) status = std::get<UnaryFn>(method.run)(*services_, context, request, response);
    call.Park(context.ticket, std::move(status));
  };
  const std::string project(ProjectOf(method, request));
  WhenOpen(project, cheap, std::move(running),
           [this, &method, project, work = std::move(work)](Running call, bool here) mutable {
             if (method.strand_field != nullptr) {
               OnStrand(project, here, std::move(call), std::move(work));
             } else if (here) {
               work(std::move(call));
             } else {
               OnWorker(std::move(call), std::move(work));
             }
           });
}

void Dispatcher::Open(const Method& method, CallContext& context, const Message& request,
                      Inline may_inline, Opened done) {
  auto opened = std::make_shared<Opened>(std::move(done));
  Running running(this, method, context, [opened](absl::Status status) {
    if (!status.ok()) std::exchange(*opened, nullptr)(std::move(status));
  });
  if (absl::Status status = Admit(context); !status.ok()) return running.Finish(std::move(status));
  auto work = [this, &method, &context, &request, opened](Running call) {
    auto stream = std::get<OpenServerStreamFn>(method.run)(*services_, context, request);
    call.Count(stream.status());
    call.Finish(absl::OkStatus());
    (*opened)(std::move(stream));
  };
  const bool cheap = may_inline == Inline::kAllowed && method.cost == Cost::kInline;
  WhenOpen(std::string(ProjectOf(method, request)), cheap, std::move(running),
           [this, work = std::move(work)](Running call, bool here) mutable {
             if (here) return work(std::move(call));
             OnWorker(std::move(call), std::move(work));
           });
}

void Dispatcher::Pull(const Method& method, CallContext& context, ServerStream& stream,
                      Message* message, Inline may_inline, Pulled done) {
  auto pulled = std::make_shared<Pulled>(std::move(done));
  Running running(this, context, [pulled](absl::Status status) {
    if (!status.ok()) std::exchange(*pulled, nullptr)(std::move(status));
  });
  auto work = [&context, &stream, message, pulled](Running call) {
    absl::StatusOr<ServerStream::Pull> pull = ServerStream::Pull::kEnd;
    if (absl::Status wanted = context.Task().Check(); wanted.ok()) {
      message->Clear();
      pull = stream.Next(message);
    } else {
      pull = std::move(wanted);
    }
    call.Finish(absl::OkStatus());
    (*pulled)(std::move(pull));
  };
  if (may_inline == Inline::kAllowed && method.cost == Cost::kInline && !stream.costly())
    return work(std::move(running));
  OnWorker(std::move(running), std::move(work));
}

absl::StatusOr<std::unique_ptr<ClientStream>> Dispatcher::OpenClient(const Method& method,
                                                                     CallContext& context) {
  absl::StatusOr<std::unique_ptr<ClientStream>> stream = nullptr;
  if (absl::Status status = Admit(context); !status.ok()) {
    stream = std::move(status);
  } else {
    stream = std::get<OpenClientStreamFn>(method.run)(*services_, context);
  }
  if (!stream.ok()) CountRefused(&method, context.door, stream.status());
  return stream;
}

void Dispatcher::Finish(const Method& method, CallContext& context, ClientStream& stream,
                        Message* response, Done done) {
  Running running(this, method, context, std::move(done));
  auto work = [&context, &stream, response](Running call) {
    absl::Status status = context.Task().Check();
    if (status.ok()) status = stream.Finish(response);
    call.Park(context.ticket, std::move(status));
  };
  const std::string project = stream.project();
  if (project.empty()) return OnWorker(std::move(running), std::move(work));
  WhenOpen(project, false, std::move(running),
           [this, project, work = std::move(work)](Running call, bool) mutable {
             OnStrand(project, /*may_inline=*/false, std::move(call), std::move(work));
           });
}

}  // namespace voxeld
