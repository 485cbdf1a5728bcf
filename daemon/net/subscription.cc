#include "daemon/net/subscription.h"

#include "daemon/wire/json_codec.h"
#include "daemon/wire/json_pieces.h"
#include "daemon/wire/jsonrpc.h"
#include "daemon/wire/status_map.h"
#include "voxel/base/check.h"
#include "voxel/base/error.h"
#include "voxel/base/steady_time.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

// The same error object as in a reply.
void AppendErrorMember(const absl::Status& status, std::string* out) {
  std::string reply;
  AppendError("null", JsonRpcCode(status), status, &reply);
  std::vector<JsonMember> members;
  VOXEL_CHECK(SplitJsonObject(reply, &members).ok());
  for (const auto& [name, value] : members) {
    if (name == "error") voxel::StrAppend(out, ",\"error\":", value);
  }
}

}  // namespace

Subscription::Subscription(int64_t number, std::unique_ptr<JsonCall> call,
                           std::unique_ptr<ServerStream> stream,
                           std::weak_ptr<SubscriptionOwner> owner, Poller* poller,
                           Dispatcher* dispatcher)
    : number_(number),
      call_(std::move(call)),
      owner_(std::move(owner)),
      poller_(poller),
      dispatcher_(dispatcher),
      stream_(std::move(stream)) {}

void Subscription::Begin() {
  stream_->OnSlow([poller = poller_, weak = weak_from_this()] {
    poller->Post([weak] {
      auto self = weak.lock();
      if (self == nullptr) return;
      if (auto owner = self->owner_.lock()) owner->SubscriptionTooSlow(self);
    });
  });
}

bool Subscription::TakePulled(std::string* out) {
  state_ = State::kIdle;
  if (!end_asked_.ok()) {
    Finish(end_asked_, out);
  } else if (!pulled_.ok()) {
    Finish(pulled_.status(), out);
  } else if (*pulled_ == ServerStream::Pull::kEnd) {
    Finish(absl::OkStatus(), out);
  } else if (*pulled_ == ServerStream::Pull::kPending) {
    return false;
  } else {
    AppendItem(out);
  }
  return true;
}

void Subscription::Advance(std::string* out) {
  if (state_ == State::kPulled && !TakePulled(out)) return Arm();
  if (state_ != State::kIdle) return;
  if (absl::Status wanted = call_->context().Task().Check(); !wanted.ok()) {
    return Finish(wanted, out);
  }
  Pull();
}

void Subscription::End(const absl::Status& status, std::string* out) {
  if (state_ == State::kEnded) return;
  call_->context().cancel.Cancel();
  end_asked_ = status;
  if (state_ != State::kPulling) Finish(status, out);
}

void Subscription::GiveUp(std::string* out) {
  if (state_ == State::kPulling) {
    too_slow_ = true;
    return;
  }
  too_slow_ = false;
  if (state_ == State::kPulled && !TakePulled(out)) return Arm();
  if (state_ == State::kIdle) Finish(stream_->SlowError(), out);
}

void Subscription::Drop() {
  std::string nobody_reads_it;
  End(voxel::Error(voxel::Reason::CALL_CANCELLED, "the connection was closed"), &nobody_reads_it);
}

void Subscription::Pull() {
  state_ = State::kPulling;
  dispatcher_->Pull(*call_->method(), call_->context(), *stream_, call_->response(),
                    Dispatcher::Inline::kAllowed,
                    [self = shared_from_this()](absl::StatusOr<ServerStream::Pull> result) {
                      self->Pulled(result);
                    });
}

void Subscription::Pulled(const absl::StatusOr<ServerStream::Pull>& result) {
  pulled_ = result;
  item_.clear();
  if (result.ok() && *result == ServerStream::Pull::kMessage) {
    voxel::StrAppend(&item_, "{\"subscription\":", number_, ",\"item\":");
    WriteJson(*call_->response(), &item_);
    item_.push_back('}');
  }
  if (poller_->OnThread()) return SetReady(State::kPulled);
  poller_->Post([self = shared_from_this()] { self->SetReady(State::kPulled); });
}

void Subscription::SetReady(State state) {
  state_ = state;
  auto owner = owner_.lock();
  if (owner == nullptr) return;
  owner->SubscriptionReady(shared_from_this());
  if (too_slow_) owner->SubscriptionTooSlow(shared_from_this());
}

// The wake-up may come at once, and from any thread: it only ever posts.
void Subscription::Arm() {
  state_ = State::kArmed;
  stream_->Arm([poller = poller_, weak = weak_from_this()] {
    poller->Post([weak] {
      auto self = weak.lock();
      if (self != nullptr && self->state_ == State::kArmed) self->SetReady(State::kIdle);
    });
  });
  if (call_->context().deadline == absl::InfiniteFuture() || deadline_ != Poller::TimerId{}) return;
  deadline_ =
      poller_->After(call_->context().deadline - voxel::SteadyNow(), [weak = weak_from_this()] {
        auto self = weak.lock();
        if (self != nullptr && self->state_ == State::kArmed) self->SetReady(State::kIdle);
      });
}

void Subscription::AppendItem(std::string* out) {
  dispatcher_->calls().Bytes(call_->method()->index, call_->context().door, 0,
                             static_cast<int64_t>(item_.size()));
  AppendNotification("rpc.item", item_, out);
  out->push_back('\n');
  call_->response()->Clear();
}

void Subscription::Finish(const absl::Status& status, std::string* out) {
  state_ = State::kEnded;
  status_ = status;
  dispatcher_->calls().Broken(call_->method()->index, call_->context().door, status);
  poller_->Cancel(deadline_);
  stream_.reset();
  std::string params = voxel::StrCat("{\"subscription\":", number_);
  if (!status.ok()) AppendErrorMember(status, &params);
  params.push_back('}');
  AppendNotification("rpc.end", params, out);
  out->push_back('\n');
}

}  // namespace voxeld
