#include "daemon/net/unary_call.h"

#include <algorithm>
#include <utility>

#include "daemon/net/call_log.h"
#include "voxel/base/error.h"
#include "voxel/base/plain_memory.h"
#include "voxel/base/short_text.h"

namespace voxeld {
namespace {

// Arguments up to here are read on the poller: about 100 us.
constexpr size_t kReadHereBytes = 64 << 10;
constexpr size_t kKeptCalls = 256;
constexpr size_t kKeptTextBytes = 64 << 10;

}  // namespace

absl::Status CheckUnary(const Method& method) {
  if (method.unary()) return absl::OkStatus();
  return voxel::Error(
      voxel::Reason::METHOD_NOT_FOUND,
      voxel::ShortText(method.name, method.server_stream() ? " answers" : " takes",
                       " a stream, which this protocol does not carry; use JSON-RPC or gRPC"));
}

std::unique_ptr<UnaryCall> CallPool::Take(const Method& method, Door door, std::string_view peer) {
  std::unique_ptr<UnaryCall> call;
  counts.Take(!free.empty());
  if (free.empty()) {
    call = std::make_unique<UnaryCall>(this);
    Count(1, 0);
  } else {
    call = std::move(free.back());
    free.pop_back();
    Count(0, -1);
  }
  call->method_ = &method;
  call->request_ = messages.Take(*method.request);
  call->response_ = call->answer_.New(*method.response);
  // What a context keeps of memory is used again.
  if (!call->context_.has_value()) call->context_.emplace();
  call->context_->Reset();
  call->context_->door = door;
  call->context_->peer = peer;
  return call;
}

void CallPool::Give(std::unique_ptr<UnaryCall> call) {
  const size_t held = std::max(call->bytes_in_, call->json_.size());
  messages.Give(std::move(call->request_), held);
  counts.Give();
  if (const std::optional<AreaCounts::Use> use = call->answer_.use()) answers.Ended(*use);
  call->answer_.Clear();
  if (free.size() >= kKeptCalls || call->json_.capacity() > kKeptTextBytes ||
      voxel::PlainMemory()) {
    return Count(-1, 0);
  }
  call->status_ = absl::OkStatus();
  call->json_.clear();
  call->bytes_in_ = 0;
  call->wants_json_ = call->ended_ = false;
  free.push_back(std::move(call));
  Count(0, 1);
}

void CallPool::Lost() {
  counts.Give();
  Count(-1, 0);
}

void CallPool::Count(int64_t calls, int64_t kept) {
  constexpr auto kBytes = static_cast<int64_t>(sizeof(UnaryCall));
  counts.Keep(kept, kept * kBytes);
  gauge->Add(calls * kBytes, (calls - kept) * kBytes);
}

void CallPool::Trim() {
  const auto kept = static_cast<int64_t>(free.size());
  Count(-kept, -kept);
  free.clear();
  messages.Trim();
}

UnaryCall::~UnaryCall() {
  if (request_ != nullptr) pool_->Lost();
}

absl::Status UnaryCall::TakeJson(std::string_view arguments) {
  wants_json_ = true;
  bytes_in_ = arguments.size();
  if (arguments.size() > kReadHereBytes) {
    kept_.assign(arguments);
    return absl::OkStatus();
  }
  return arguments.empty() ? absl::OkStatus() : pool_->reader.Read(arguments, request_.get());
}

CallClass UnaryCall::call_class() const {
  const CallClass own = ClassOf(*method_);
  return !kept_.empty() && own == CallClass::kStrandWrite ? CallClass::kBarrier : own;
}

void UnaryCall::Start(std::shared_ptr<UnaryCallOwner> owner) {
  owner_ = std::move(owner);
  running_.emplace(answer_.area(), voxel::SourcePlace::current());
  if (kept_.empty()) return Run(Dispatcher::Inline::kAllowed);
  const absl::Status waits = pool_->dispatcher->RunOnWorker(
      *context_, [this] { ReadAndRun(); }, [this](const absl::Status& late) { Refuse(late); });
  if (!waits.ok()) Refuse(waits);
}

void UnaryCall::ReadAndRun() {
  JsonReader own;  // the poller's is in use; what is read here is large anyway
  if (absl::Status status = own.Read(kept_, request_.get()); !status.ok()) return Refuse(status);
  kept_ = {};
  Run(Dispatcher::Inline::kNever);
}

// Ends a call that the dispatcher does not know of.
void UnaryCall::Refuse(const absl::Status& status) {
  kept_ = {};
  pool_->dispatcher->CountRefused(method_, context_->door, status);
  End(status);
}

void UnaryCall::Run(Dispatcher::Inline may_inline) {
  pool_->dispatcher->Call(*method_, *context_, *request_, response_, may_inline,
                          [this](const absl::Status& status) { End(status); });
}

void UnaryCall::End(const absl::Status& status) {
  status_ = status;
  if (status.ok() && wants_json_) WriteJson(*response_, &json_);
  pool_->dispatcher->calls().Bytes(method_->index, context_->door, static_cast<int64_t>(bytes_in_),
                                   static_cast<int64_t>(json_.size()));
  if (pool_->poller->OnThread()) return EndOnPoller();
  pool_->poller->Post([this] { EndOnPoller(); });
}

void UnaryCall::EndOnPoller() {
  ended_ = true;
  running_.reset();
  LogFailedCall(*pool_->log, method_->name, context_->peer, status_);
  const std::shared_ptr<UnaryCallOwner> owner = std::move(owner_);
  owner->CallEnded(this);  // may give this back
}

}  // namespace voxeld
