#include "daemon/net/grpc_call.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <set>
#include <utility>
#include <vector>

#include "daemon/net/call_log.h"
#include "daemon/net/grpc_health.h"
#include "daemon/net/grpc_reflection.h"
#include "daemon/net/grpc_status.h"
#include "daemon/wire/unknown_fields.h"
#include "voxel/base/error.h"
#include "voxel/base/retry_later.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/steady_time.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using google::protobuf::Message;

bool Parse(grpc::ByteBuffer& bytes, Message* message) {
  grpc::Slice whole;
  if (bytes.TrySingleSlice(&whole).ok()) {
    return message->ParseFromArray(whole.begin(), static_cast<int>(whole.size()));
  }
  grpc::ProtoBufferReader reader(&bytes);
  return reader.status().ok() && message->ParseFromZeroCopyStream(&reader);
}

// One allocation, written in place, then only counted. REQUIRES: it has just said its `size`.
grpc::ByteBuffer Serialize(const Message& message, size_t size) {
  grpc::Slice slice(size);
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

constexpr size_t kMaxControlBytes = 4096;
// Answers that are refused to nobody: who reads nothing may have one on each of its streams.
constexpr size_t kAlwaysSent = 64 << 10;
constexpr int64_t kReadSoonMs = 100;

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// The full names of the services that have methods.
std::vector<std::string> ServicesOf(absl::Span<const Method> methods) {
  std::set<std::string> names;
  for (const Method& method : methods) names.insert(method.descriptor->service()->full_name());
  return {names.begin(), names.end()};
}

// As gRPC keeps it, by the monotonic clock. What `deadline()` makes of it is the system's time, and
// Abseil goes on with the old time for seconds after that was set.
absl::Time DeadlineOf(const grpc::GenericServerContext& context) {
  const gpr_timespec deadline = gpr_convert_clock_type(context.raw_deadline(), GPR_CLOCK_MONOTONIC);
  if (gpr_time_cmp(deadline, gpr_inf_future(GPR_CLOCK_MONOTONIC)) == 0) {
    return absl::InfiniteFuture();
  }
  const gpr_timespec left = gpr_time_sub(deadline, GrpcNow());
  return voxel::SteadyNow() + absl::Seconds(left.tv_sec) + absl::Nanoseconds(left.tv_nsec);
}

// The server's peer, or whom a client's certificate names.
std::string PeerOf(const GrpcPeer& peer, const grpc::ServerContextBase& context) {
  if (peer.credentials == nullptr) return peer.name;
  const auto names = context.auth_context()->GetPeerIdentity();
  return names.empty() ? peer.name
                       : voxel::StrCat("cert:", std::string_view(names[0].data(), names[0].size()));
}

}  // namespace

GrpcCall::GrpcCall(GrpcServer* server) : server_(server), io_(&grpc_context_) {
  next_.call = done_.call = this;
  done_.step = &GrpcCall::OnDone;
  // Before RequestCall, or IsCancelled crashes (gRPC 1.51).
  grpc_context_.AsyncNotifyWhenDone(&done_);
  server_->service()->RequestCall(&grpc_context_, &io_, server_->queue(), server_->queue(),
                                  Then(&GrpcCall::OnAccepted));
}

void GrpcCall::Run(void* tag, bool ok) {
  const auto* event = static_cast<Tag*>(tag);
  (event->call->*event->step)(ok);
}

void* GrpcCall::Then(Step step) {
  next_.step = step;
  return &next_;
}

void GrpcCall::OnAccepted(bool ok) {
  if (!ok) {  // the server is shut down; no "done" follows
    awaited_ = 1;
    return Release();
  }
  began_ = true;
  server_->Began();
  server_->Add(new GrpcCall(server_));
  context_.door = Door::kGrpc;
  // The method is not looked up before: strangers are not told which there are.
  if (absl::Status known = Identify(); !known.ok()) return Refuse(known);
  context_.deadline = DeadlineOf(grpc_context_);
  control_ = ControlAt(grpc_context_.method());
  if (control_ != Control::kNone) return io_.Read(&buffer_, Then(&GrpcCall::OnQuestion));
  method_ = server_->door().dispatcher->methods().FindByPath(grpc_context_.method());
  if (method_ == nullptr) {
    return Refuse(
        voxel::Error(voxel::Reason::METHOD_NOT_FOUND,
                     voxel::StrCat("no method \"", grpc_context_.method().substr(0, 120), "\"")));
  }
  if (absl::Status may = CheckScope(scope_, *method_); !may.ok()) return Refuse(may);
  request_ = method_->request->New(&arena_);
  response_ = method_->response->New(&arena_);
  if (method_->client_stream()) return OpenUpload();
  io_.Read(&buffer_, Then(&GrpcCall::OnRequest));
}

// Who calls, and what a token lets them do.
absl::Status GrpcCall::Identify() {
  const GrpcPeer& peer = server_->peer();
  context_.peer = PeerOf(peer, grpc_context_);
  if (peer.tokens == nullptr) return absl::OkStatus();
  const auto& metadata = grpc_context_.client_metadata();
  const auto shown = metadata.find("authorization");
  const std::string_view header =
      shown == metadata.end() ? std::string_view()
                              : std::string_view(shown->second.data(), shown->second.size());
  VOXEL_ASSIGN_OR_RETURN(const TokenHolder holder, peer.tokens->Admit(header));
  context_.peer = voxel::StrCat("token:", holder.name);
  scope_ = holder.scope;
  return absl::OkStatus();
}

absl::Status GrpcCall::TakeMessage() {
  const auto limit = static_cast<uint64_t>(server_->door().max_message_bytes);
  const size_t size = buffer_.Length();
  request_->Clear();
  const bool fits = size <= limit;
  const bool parsed = fits && Parse(buffer_, request_);
  Count(size, 0);
  buffer_.Clear();  // now, not when the call ends
  if (!fits) {
    return voxel::Error(
        voxel::Reason::LIMIT_BYTES,
        voxel::StrCat("the message has ", size, " bytes; at most ", limit, " are accepted"));
  }
  if (!parsed) {
    return voxel::Error(voxel::Reason::MALFORMED_MESSAGE,
                        voxel::StrCat("not a ", request_->GetTypeName(), " message"));
  }
  return RefuseUnknownFields(*request_);
}

void GrpcCall::OnRequest(bool ok) {
  if (!ok) return Refuse(voxel::Error(voxel::Reason::MALFORMED_MESSAGE, "the request is missing"));
  if (absl::Status status = TakeMessage(); !status.ok()) return Refuse(status);
  Dispatcher* dispatcher = server_->door().dispatcher;
  if (method_->unary()) {
    return dispatcher->Call(*method_, context_, *request_, response_, Dispatcher::Inline::kAllowed,
                            [this](absl::Status status) { Answer(status); });
  }
  dispatcher->Open(*method_, context_, *request_, Dispatcher::Inline::kAllowed,
                   [this](absl::StatusOr<std::unique_ptr<ServerStream>> stream) {
                     if (!stream.ok()) return Fail(stream.status());
                     BeginStream(*std::move(stream));
                   });
}

void GrpcCall::BeginStream(std::unique_ptr<ServerStream> stream) {
  stream_ = std::move(stream);
  parking_ = std::make_shared<Parking>();
  stream_->OnSlow([parking = parking_] {
    std::unique_ptr<ServerStream> given_up;  // ends outside the lock
    absl::MutexLock lock(&parking->mu);
    if (parking->stream == nullptr) return;
    parking->slow = parking->stream->SlowError();
    given_up = std::move(parking->stream);
  });
  Pull();
}

void GrpcCall::Park() {
  absl::MutexLock lock(&parking_->mu);
  parking_->stream = std::move(stream_);
}

// An error if the stream was given up meanwhile.
absl::Status GrpcCall::Unpark() {
  absl::MutexLock lock(&parking_->mu);
  stream_ = std::move(parking_->stream);
  return parking_->slow;
}

GrpcCall::Control GrpcCall::ControlAt(std::string_view path) {
  if (path == "/grpc.health.v1.Health/Check") return Control::kHealthCheck;
  if (path == "/grpc.health.v1.Health/Watch") return Control::kHealthWatch;
  const bool reflection = path == "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo" ||
                          path == "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  return reflection ? Control::kReflection : Control::kNone;
}

// The next message of a control call, or the end of them.
void GrpcCall::OnQuestion(bool ok) {
  if (!ok && control_ == Control::kReflection) {
    return io_.Finish(grpc::Status::OK, Then(&GrpcCall::OnFinished));
  }
  if (!ok) return Fail(voxel::Error(voxel::Reason::MALFORMED_MESSAGE, "the request is missing"));
  const absl::StatusOr<std::string> answer = AnswerControl();
  buffer_.Clear();
  if (!answer.ok()) return Fail(answer.status());
  Say(*answer, control_ == Control::kHealthCheck);
}

absl::StatusOr<std::string> GrpcCall::AnswerControl() {
  if (buffer_.Length() > kMaxControlBytes) {
    return voxel::Error(voxel::Reason::LIMIT_BYTES,
                        voxel::StrCat("the message has ", buffer_.Length(), " bytes; at most ",
                                      kMaxControlBytes, " are accepted"));
  }
  const std::string request = BytesOf(buffer_);
  const std::vector<std::string> services =
      ServicesOf(server_->door().dispatcher->methods().methods());
  if (control_ == Control::kReflection) return AnswerReflection(request, services);
  VOXEL_ASSIGN_OR_RETURN(const Health health, HealthOf(request, services, server_->draining()));
  if (health == Health::kUnknownService && control_ == Control::kHealthCheck) {
    return absl::NotFoundError("no such service");  // as the protocol wants it
  }
  return HealthResponse(health);
}

void GrpcCall::Say(const std::string& bytes, bool last) {
  grpc::Slice slice(bytes);
  buffer_ = grpc::ByteBuffer(&slice, 1);
  if (last) {
    return io_.WriteAndFinish(buffer_, {}, grpc::Status::OK, Then(&GrpcCall::OnFinished));
  }
  io_.Write(buffer_, Then(&GrpcCall::OnAnswered));
}

void GrpcCall::OnAnswered(bool ok) {
  buffer_.Clear();
  if (!ok || grpc_context_.IsCancelled()) {
    return Fail(voxel::Error(voxel::Reason::CALL_CANCELLED, "the client went away"));
  }
  if (control_ == Control::kReflection && !server_->draining()) {
    return io_.Read(&buffer_, Then(&GrpcCall::OnQuestion));
  }
  if (server_->draining()) return io_.Finish(grpc::Status::OK, Then(&GrpcCall::OnFinished));
  watches_health_ = true;  // until the daemon stops, or the client leaves
}

void GrpcCall::OpenUpload() {
  auto upload = server_->door().dispatcher->OpenClient(*method_, context_);
  if (!upload.ok()) return Fail(upload.status());
  upload_ = *std::move(upload);
  io_.Read(&buffer_, Then(&GrpcCall::OnPart));
}

// A client that dies in the middle looks like one that has sent everything: the upload itself knows
// its last part.
void GrpcCall::OnPart(bool ok) {
  if (!ok) {
    return server_->door().dispatcher->Finish(*method_, context_, *upload_, response_,
                                              [this](absl::Status status) { Answer(status); });
  }
  absl::Status status = context_.Task().Check();
  if (status.ok()) status = TakeMessage();
  if (status.ok()) status = upload_->Accept(*request_);
  if (!status.ok()) return Refuse(status);
  io_.Read(&buffer_, Then(&GrpcCall::OnPart));
}

void GrpcCall::Pull() {
  server_->door().dispatcher->Pull(
      *method_, context_, *stream_, response_, Dispatcher::Inline::kAllowed,
      [this](absl::StatusOr<ServerStream::Pull> pull) { Pulled(pull); });
}

void GrpcCall::Pulled(const absl::StatusOr<ServerStream::Pull>& pull) {
  if (!pull.ok()) return Fail(pull.status());
  if (*pull == ServerStream::Pull::kEnd) {
    return io_.Finish(grpc::Status::OK, Then(&GrpcCall::OnFinished));
  }
  if (*pull == ServerStream::Pull::kPending) {
    return server_->OnQueueThread() ? OnPending(true) : Later(&GrpcCall::OnPending);
  }
  if (absl::Status status = PrepareItem(); !status.ok()) return Fail(status);
  Park();
  io_.Write(buffer_, Then(&GrpcCall::OnWritten));
}

void GrpcCall::OnWritten(bool ok) {
  const absl::Status slow = Unpark();
  unsent_.reset();
  if (!ok) return Fail(voxel::Error(voxel::Reason::CALL_CANCELLED, "the client went away"));
  if (!slow.ok()) return Fail(slow);
  buffer_.Clear();
  Pull();
}

// On the queue's thread, so that arming, cancelling and draining cannot meet; only the wake-up may
// come from elsewhere. Whoever takes `call` out of the waker goes on with the stream.
void GrpcCall::OnPending(bool) {
  if (absl::Status wanted = context_.Task().Check(); !wanted.ok()) return Fail(wanted);
  if (server_->draining()) return Fail(Stopping());
  waker_ = std::make_shared<Waker>();
  {
    absl::MutexLock lock(&waker_->mu);
    waker_->call = this;
  }
  stream_->Arm([waker = waker_] {
    absl::MutexLock lock(&waker->mu);
    GrpcCall* call = std::exchange(waker->call, nullptr);
    if (call != nullptr) call->Later(&GrpcCall::OnWoken);
  });
}

void GrpcCall::OnWoken(bool) {
  waker_ = nullptr;
  Pull();
}

// Whether the stream was waiting, and is no longer.
bool GrpcCall::Disarm() {
  const std::shared_ptr<Waker> waker = std::exchange(waker_, nullptr);
  if (waker == nullptr) return false;
  absl::MutexLock lock(&waker->mu);
  return std::exchange(waker->call, nullptr) != nullptr;
}

void GrpcCall::Drain() {
  if (std::exchange(watches_health_, false)) {
    return Say(HealthResponse(Health::kNotServing), /*last=*/true);
  }
  // It waits for a question that may never come.
  if (control_ == Control::kReflection) return grpc_context_.TryCancel();
  if (Disarm()) Fail(Stopping());
}

void GrpcCall::Later(Step step) { alarm_.Set(server_->queue(), GrpcNow(), Then(step)); }

void GrpcCall::Answer(const absl::Status& status) {
  if (!status.ok()) return Fail(status);
  if (absl::Status ready = PrepareAnswer(); !ready.ok()) {
    // It was counted as one that went well.
    server_->door().dispatcher->calls().Broken(method_->index, Door::kGrpc, ready);
    return Fail(ready);
  }
  FreeMessages();
  io_.WriteAndFinish(buffer_, {}, grpc::Status::OK, Then(&GrpcCall::OnFinished));
}

absl::Status GrpcCall::PrepareAnswer() {
  const size_t size = response_->ByteSizeLong();
  PeerWaits* const unsent = server_->unsent_answers();
  if (size > kAlwaysSent && Writes(method_->access)) {  // what is done is told
    unsent_.emplace(unsent->EnterAnyway(context_.peer, size));
  } else if (size > kAlwaysSent) {
    std::optional<PeerWaits::Turn> turn = unsent->Enter(context_.peer, size);
    if (!turn.has_value()) return Unread(size);
    unsent_.emplace(*std::move(turn));
  }
  buffer_ = Serialize(*response_, size);
  Count(0, size);
  return absl::OkStatus();
}

absl::Status GrpcCall::PrepareItem() {
  const size_t size = response_->ByteSizeLong();
  PeerWaits* const unsent = has_sent_ ? server_->unsent_items() : server_->unsent_answers();
  if (size > kAlwaysSent) {
    std::optional<PeerWaits::Turn> turn =
        unsent->Enter(context_.peer, 2 * size);  // and the message
    if (!turn.has_value()) return Unread(size);
    unsent_.emplace(*std::move(turn));
  }
  has_sent_ = true;
  buffer_ = Serialize(*response_, size);
  Count(0, size);
  return absl::OkStatus();
}

absl::Status GrpcCall::Unread(size_t size) const {
  return voxel::RetryLater(
      voxel::Reason::OVERLOADED,
      voxel::StrCat("gRPC: an answer of ", size, " bytes finds too many of ", context_.peer,
                    " that are not read yet; at most ", server_->door().output_bytes,
                    " bytes are held for it (grpc-output-bytes)"),
      kReadSoonMs);
}

void GrpcCall::FreeMessages() {
  stream_ = nullptr;
  upload_ = nullptr;
  request_ = response_ = nullptr;
  arena_.Reset();
}

void GrpcCall::Count(size_t bytes_in, size_t bytes_out) {
  server_->door().dispatcher->calls().Bytes(
      method_->index, Door::kGrpc, static_cast<int64_t>(bytes_in), static_cast<int64_t>(bytes_out));
}

// Ends a call that the dispatcher does not know of.
void GrpcCall::Refuse(const absl::Status& status) {
  server_->door().dispatcher->CountRefused(method_, Door::kGrpc, status);
  Fail(status);
}

void GrpcCall::Fail(const absl::Status& status) {
  if (parking_ != nullptr) {  // an open stream
    server_->door().dispatcher->calls().Broken(method_->index, Door::kGrpc, status);
  }
  LogFailedCall(*server_->door().log, method_ != nullptr ? method_->name : "-", context_.peer,
                status);
  FreeMessages();
  GrpcError error = ToGrpcError(status);
  for (const auto& [key, value] : error.trailing) grpc_context_.AddTrailingMetadata(key, value);
  io_.Finish(error.status, Then(&GrpcCall::OnFinished));
}

void GrpcCall::OnDone(bool) {
  if (grpc_context_.IsCancelled()) {
    context_.cancel.Cancel();
    const bool waited = std::exchange(watches_health_, false) || Disarm();
    if (waited) Fail(voxel::Error(voxel::Reason::CALL_CANCELLED, "the client went away"));
  }
  Release();
}

void GrpcCall::OnFinished(bool) { Release(); }

void GrpcCall::Release() {
  if (--awaited_ > 0) return;
  server_->Remove(this);
  if (began_) server_->Ended();
  delete this;
}

}  // namespace voxeld
