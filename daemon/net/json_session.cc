#include "daemon/net/json_session.h"

#include <algorithm>

#include "daemon/net/builtin_methods.h"
#include "daemon/net/call_log.h"
#include "daemon/net/token_guard.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/steady_time.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr size_t kItemsPerTurn = 8;

}  // namespace

JsonSession::JsonSession(JsonDoor* door, JsonCaller caller, absl::AnyInvocable<void()> wake)
    : door_(door), caller_(std::move(caller)), wake_(std::move(wake)) {}

void JsonSession::TakeLine(std::string_view line) {
  door_->parser.Parse(line, &door_->line);
  replies_.Begin(door_->line.batch);
  for (const JsonRpcCall& parsed : door_->line.calls) TakeCall(parsed);
}

void JsonSession::RefuseLine(const absl::Status& status) {
  replies_.Begin(false);
  JsonCall* call = replies_.Add(door_->calls.Take("null", nullptr));
  call->Refuse(status);
  call->ended = true;
  ++in_flight_;
  door_->dispatcher->CountRefused(nullptr, caller_.door, status);
  LogFailedCall(*door_->log, "-", caller_.peer, status);
}

void JsonSession::TakeCall(const JsonRpcCall& parsed) {
  absl::Status status = parsed.error;
  JsonCall* call = replies_.Add(Prepare(parsed, &status));
  ++in_flight_;
  if (status.ok() && call->method() != nullptr) {
    has_deadlines_ |= call->context().deadline != absl::InfiniteFuture();
    return waiting_.push_back(call);
  }
  call->ended = true;
  if (status.ok() && AnswerBuiltin(parsed, call)) return;
  call->Refuse(status, parsed.error_code);
  door_->dispatcher->CountRefused(call->method(), caller_.door, status);
  LogFailedCall(*door_->log, parsed.method, caller_.peer, status);
}

// The call with its arguments read; `status` says what is wrong with it. No method and no error: it
// is a built-in one.
std::unique_ptr<JsonCall> JsonSession::Prepare(const JsonRpcCall& parsed, absl::Status* status) {
  if (!status->ok()) return door_->calls.Take(parsed.id, nullptr);
  const Method* method = door_->dispatcher->methods().FindByName(parsed.method);
  auto call = door_->calls.Take(parsed.id, method);
  if (method == nullptr) return call;
  *status = CheckScope(caller_.scope, *method);
  if (!status->ok()) return call;
  call->request = door_->messages.Take(*method->request);
  CallContext& context = call->context();
  context.door = caller_.door;
  context.peer = caller_.peer;
  if (parsed.deadline_ms > 0) {
    context.deadline = voxel::SteadyNow() + absl::Milliseconds(parsed.deadline_ms);
  }
  if (parsed.progress && !call->notification()) call->WantProgress();
  if (call->notification() && method->server_stream()) {
    *status =
        voxel::Error(voxel::Reason::INVALID_FIELD,
                     voxel::ShortText(method->name, " answers a stream, so it needs an id"), "id");
    return call;
  }
  *status = call->TakeParams(parsed.params, &door_->reader);
  return call;
}

bool JsonSession::AnswerBuiltin(const JsonRpcCall& parsed, JsonCall* call) {
  if (parsed.method == "rpc.discover") {
    call->Answer(door_->Discovery());
    return true;
  }
  absl::Status status;
  if (parsed.method == "rpc.cancel") {
    const absl::StatusOr<bool> cancelled = Cancel(parsed.params);
    if (cancelled.ok()) call->Answer(*cancelled ? "{\"cancelled\":true}" : "{\"cancelled\":false}");
    status = cancelled.status();
  } else {
    status = voxel::Error(voxel::Reason::METHOD_NOT_FOUND,
                          voxel::ShortText("no method \"", parsed.method.substr(0, 80),
                                           "\"; rpc.discover lists them"));
  }
  if (status.ok()) return true;
  call->Refuse(status);
  door_->dispatcher->CountRefused(nullptr, caller_.door, status);
  LogFailedCall(*door_->log, parsed.method, caller_.peer, status);
  return true;
}

// Whether there was something to cancel. SUBSCRIPTION_NOT_FOUND for a number that this connection
// never got.
absl::StatusOr<bool> JsonSession::Cancel(std::string_view params) {
  VOXEL_ASSIGN_OR_RETURN(const CancelTarget target, ReadCancelTarget(params));
  if (!target.subscription.has_value()) {
    JsonCall* call = replies_.Find(target.id);
    if (call != nullptr) call->context().cancel.Cancel();
    return call != nullptr;
  }
  if (*target.subscription < 1 || *target.subscription > streams().last) {
    return voxel::Error(voxel::Reason::SUBSCRIPTION_NOT_FOUND,
                        voxel::ShortText("subscription ", *target.subscription,
                                         " was never given on this connection"),
                        "subscription");
  }
  auto it = streams().subscriptions.find(*target.subscription);
  if (it == streams().subscriptions.end()) return false;
  const std::shared_ptr<Subscription> subscription = it->second;
  subscription->End(voxel::Error(voxel::Reason::CALL_CANCELLED, "cancelled by rpc.cancel"),
                    &notes_);
  if (subscription->ended()) Remove(*subscription);
  return true;
}

void JsonSession::Work(bool start, std::string* out) {
  working_ = true;
  if (start) StartWaiting();
  working_ = false;
  replies_.Emit(out, [this](std::unique_ptr<JsonCall> call) { Emitted(std::move(call)); });
  out->append(notes_);
  notes_.clear();
}

void JsonSession::StartWaiting() {
  size_t started = 0;
  while (started < waiting_.size()) {
    JsonCall* call = waiting_[started];
    if (!order_.MayStart(call->call_class())) break;
    ++started;
    if (peer_gone_ && !call->notification()) {
      call->Refuse(voxel::Error(voxel::Reason::CALL_CANCELLED, "the connection was closed"));
      call->ended = true;
      continue;
    }
    order_.Started(call->call_class());
    call->Start(shared_from_this(), door_->dispatcher, &door_->reader);
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<int64_t>(started));
  if (has_deadlines_) WatchDeadlines();
}

// One timer of a connection, looked at when it fires: calls come and go too fast to set one for
// each. None for those that start at once.
void JsonSession::WatchDeadlines() {
  absl::Time first = absl::InfiniteFuture();
  for (JsonCall* call : waiting_) first = std::min(first, call->context().deadline);
  has_deadlines_ = first != absl::InfiniteFuture();
  if (!has_deadlines_ || peer_gone_) return;
  if (deadline_timer_ != Poller::TimerId{} && looks_at_ <= first) return;
  door_->poller->Cancel(deadline_timer_);
  looks_at_ = first;
  deadline_timer_ = door_->poller->After(first - voxel::SteadyNow(), [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->RefuseLate();
  });
}

void JsonSession::RefuseLate() {
  deadline_timer_ = {};
  if (waiting_.empty()) return;
  const absl::Time now = voxel::SteadyNow();
  const auto late = [&](JsonCall* call) {
    if (call->context().deadline > now) return false;
    const absl::Status status =
        voxel::Error(voxel::Reason::DEADLINE_PASSED, "the deadline passed before the call began");
    call->Refuse(status);
    call->ended = true;
    door_->dispatcher->CountRefused(call->method(), caller_.door, status);
    LogFailedCall(*door_->log, call->method()->name, caller_.peer, status);
    return true;
  };
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), late), waiting_.end());
  wake_();
}

void JsonSession::CallEnded(JsonCall* call) {
  if (door_->poller->OnThread()) return Ended(call);
  door_->poller->Post([this, call] { Ended(call); });
}

void JsonSession::Ended(JsonCall* call) {
  const std::shared_ptr<JsonCallOwner> self = call->ReleaseOwner();
  order_.Finished();
  call->ended = true;
  LogFailedCall(*door_->log, call->method()->name, caller_.peer, call->status());
  if (auto stream = call->TakeStream(); stream != nullptr) Subscribe(call, std::move(stream));
  if (!working_) wake_();
}

void JsonSession::Subscribe(JsonCall* call, std::unique_ptr<ServerStream> stream) {
  if (streams().subscriptions.size() + streams().opened.size() >=
      static_cast<size_t>(door_->limits.max_subscriptions)) {
    return call->Refuse(voxel::Error(
        voxel::Reason::LIMIT_STREAMS,
        voxel::StrCat("this connection has ", door_->limits.max_subscriptions, " streams open")));
  }
  call->subscription = ++streams().last;
  call->Answer(voxel::StrCat("{\"subscription\":", call->subscription, "}"));
  streams().opened.emplace(call, std::move(stream));
}

// Its reply is out: a stream may begin, anything else is done.
void JsonSession::Emitted(std::unique_ptr<JsonCall> call) {
  --in_flight_;
  if (call->subscription == 0) {
    door_->messages.Give(std::move(call->request), call->held_bytes);
    return door_->calls.Give(std::move(call));
  }
  auto opened = streams().opened.find(call.get());
  std::unique_ptr<ServerStream> stream = std::move(opened->second);
  streams().opened.erase(opened);
  const int64_t number = call->subscription;
  auto subscription =
      std::make_shared<Subscription>(number, std::move(call), std::move(stream), weak_from_this(),
                                     door_->poller, door_->dispatcher);
  streams().subscriptions.emplace(number, subscription);
  if (peer_gone_) {
    subscription->Drop();
    if (subscription->ended()) Remove(*subscription);
    return;
  }
  subscription->Begin();
  SubscriptionReady(std::move(subscription));
}

void JsonSession::SubscriptionReady(std::shared_ptr<Subscription> subscription) {
  streams().ready.push_back(std::move(subscription));
  wake_();
}

void JsonSession::SubscriptionTooSlow(const std::shared_ptr<Subscription>& subscription) {
  if (peer_gone_ || subscription->ended()) return;
  subscription->GiveUp(&notes_);
  if (subscription->ended()) Remove(*subscription);
  wake_();
}

void JsonSession::Pump(size_t room, std::string* out) {
  std::vector<std::shared_ptr<Subscription>>& ready = streams().ready;
  const size_t limit = out->size() + room;
  size_t next = 0;
  // One that brings an item at once becomes ready again at the end: round robin.
  while (next < ready.size() && next < kItemsPerTurn && out->size() < limit) {
    const std::shared_ptr<Subscription> subscription = std::move(ready[next++]);
    if (!subscription->ended()) subscription->Advance(out);
    if (draining_ && subscription->waiting()) subscription->End(Stopping(), out);
    if (subscription->ended()) Remove(*subscription);
  }
  ready.erase(ready.begin(), ready.begin() + static_cast<int64_t>(next));
}

// Once only: one that was ended early may still stand among those that are ready.
void JsonSession::Remove(const Subscription& subscription) {
  const auto found = streams().subscriptions.find(subscription.number());
  if (found == streams().subscriptions.end()) return;
  LogFailedCall(*door_->log, subscription.call().method()->name, caller_.peer,
                subscription.status());
  streams().subscriptions.erase(found);
  door_->calls.Forget(1);
}

JsonSession::Streams& JsonSession::streams() {
  if (streams_ == nullptr) streams_ = std::make_unique<Streams>();
  return *streams_;
}

std::vector<std::shared_ptr<Subscription>> JsonSession::OpenSubscriptions() const {
  std::vector<std::shared_ptr<Subscription>> open;
  if (streams_ == nullptr) return open;
  for (const auto& [number, subscription] : streams_->subscriptions) open.push_back(subscription);
  return open;
}

void JsonSession::CallProgress(const JsonCall& call, double fraction) {
  door_->poller->Post([self = shared_from_this(), id = call.id(), fraction] {
    if (self->peer_gone_) return;
    AppendNotification("rpc.progress",
                       voxel::StrCat("{\"id\":", id, ",\"fraction\":", fraction, "}"),
                       &self->notes_);
    self->notes_.push_back('\n');
    self->wake_();
  });
}

void JsonSession::Drain() {
  draining_ = true;
  for (const auto& subscription : OpenSubscriptions()) {
    if (!subscription->waiting()) continue;
    subscription->End(Stopping(), &notes_);
    Remove(*subscription);
  }
  wake_();
}

void JsonSession::CancelAll(const absl::Status& why) {
  replies_.ForEachOpen([](JsonCall& call) { call.context().cancel.Cancel(); });
  for (const auto& subscription : OpenSubscriptions()) {
    subscription->End(why, &notes_);
    if (subscription->ended()) Remove(*subscription);
  }
  wake_();
}

void JsonSession::PeerGone() {
  if (peer_gone_) return;
  peer_gone_ = true;
  door_->poller->Cancel(deadline_timer_);
  replies_.ForEachOpen([](JsonCall& call) {
    if (!call.notification()) call.context().cancel.Cancel();
  });
  for (const auto& subscription : OpenSubscriptions()) subscription->Drop();
  if (streams_ != nullptr) {
    door_->calls.Forget(streams_->subscriptions.size());
    streams_->subscriptions.clear();  // one that is being pulled lives on until it is back
    streams_->ready.clear();
  }
  // From now on nobody calls Work for us: what ends lets the next ones start.
  wake_ = [this] {
    door_->poller->Post([self = shared_from_this()] {
      std::string nobody_reads_it;
      self->Work(true, &nobody_reads_it);
    });
  };
  wake_();
}

}  // namespace voxeld
