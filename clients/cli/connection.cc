#include "clients/cli/connection.h"

#include <unistd.h>

#include <cstdlib>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "voxeld/v1/error.pb.h"

namespace voxctl {
namespace {

using google::protobuf::Message;

constexpr std::chrono::seconds kAnswerTimeout{30};
constexpr std::chrono::milliseconds kConnectTimeout{2000};  // of a daemon that is there
constexpr int kFirstPauseMs = 20;                           // between two attempts to connect
constexpr int kLastPauseMs = 500;

grpc::ByteBuffer ToBytes(const Message& message) {
  const std::string bytes = message.SerializeAsString();
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

bool FromBytes(const grpc::ByteBuffer& bytes, Message* message) {
  grpc::Slice slice;
  if (!bytes.DumpToSingleSlice(&slice).ok()) return false;
  return message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
}

// One call whose operations are done one by one: start, wait until it is finished.
class BlockingCall {
 public:
  BlockingCall(grpc::GenericStub* stub, const std::string& path,
               std::chrono::milliseconds timeout) {
    if (timeout.count() > 0) context_.set_deadline(std::chrono::system_clock::now() + timeout);
    stream_ = stub->PrepareCall(&context_, path, &queue_);
  }
  ~BlockingCall() {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  bool Start() {
    stream_->StartCall(this);
    return Wait();
  }
  bool Write(const grpc::ByteBuffer& bytes) {
    stream_->Write(bytes, this);
    return Wait();
  }
  bool WritesDone() {
    stream_->WritesDone(this);
    return Wait();
  }
  bool Read(grpc::ByteBuffer* bytes) {
    stream_->Read(bytes, this);
    return Wait();
  }
  void Cancel() { context_.TryCancel(); }
  grpc::Status Finish() {
    grpc::Status status;
    stream_->Finish(&status, this);
    Wait();
    return status;
  }
  const grpc::ClientContext& context() const { return context_; }

 private:
  bool Wait() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

Failure ToFailure(const grpc::Status& status, const grpc::ClientContext& context) {
  // Abseil's codes are gRPC's.
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  Failure failure{.code = absl::StatusCodeToString(code),
                  .reason = {},
                  .field = {},
                  .message = status.error_message()};
  const auto& metadata = context.GetServerTrailingMetadata();
  if (const auto found = metadata.find("voxeld-error-bin"); found != metadata.end()) {
    voxeld::v1::ErrorInfo info;
    if (info.ParseFromArray(found->second.data(), static_cast<int>(found->second.size()))) {
      failure.reason = info.reason();
      failure.field = info.field();
    }
  }
  return failure;
}

// Nothing here changes the environment, so reading it is safe.
const char* Environment(const char* name) {
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

int ExitCode(const Failure& failure) {
  static const std::map<std::string, int> codes = {
      {"INVALID_ARGUMENT", 2},    {"OUT_OF_RANGE", 2},    {"UNIMPLEMENTED", 2},
      {"NOT_FOUND", 3},           {"ALREADY_EXISTS", 4},  {"ABORTED", 4},
      {"FAILED_PRECONDITION", 4}, {"UNAVAILABLE", 5},     {"DEADLINE_EXCEEDED", 5},
      {"PERMISSION_DENIED", 6},   {"UNAUTHENTICATED", 6}, {"RESOURCE_EXHAUSTED", 7}};
  const auto found = codes.find(failure.code);
  return found == codes.end() ? 1 : found->second;
}

std::string DefaultSocket() {
  if (const char* socket = Environment("VOXELD_SOCKET"); socket != nullptr && *socket != '\0')
    return socket;
  if (const char* dir = Environment("XDG_RUNTIME_DIR"); dir != nullptr && *dir != '\0') {
    return std::string(dir) + "/voxeld/voxeld.sock";
  }
  return "/run/voxeld/voxeld.sock";
}

Connection::Connection(std::string socket, std::optional<std::chrono::milliseconds> timeout,
                       std::chrono::milliseconds wait)
    : socket_(std::move(socket)), timeout_(timeout), wait_(wait) {}

bool Connection::Connect(Failure* failure) {
  const bool is_path = socket_.find('/') != std::string::npos;
  // A daemon that starts is waited for; where no socket stands, none does, unless it is said.
  const bool may_come = !is_path || wait_.count() > 0 || access(socket_.c_str(), F_OK) == 0;
  if (may_come && stub_ == nullptr) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetMaxSendMessageSize(-1);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstPauseMs);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLastPauseMs);
    channel_ = grpc::CreateCustomChannel(is_path ? "unix:" + socket_ : socket_,
                                         grpc::InsecureChannelCredentials(), arguments);
    stub_ = std::make_unique<grpc::GenericStub>(channel_);
  }
  const auto until =
      std::chrono::system_clock::now() + (wait_.count() > 0 ? wait_ : kConnectTimeout);
  if (may_come && channel_->WaitForConnected(until)) return true;
  *failure = {.code = "UNAVAILABLE",
              .reason = {},
              .field = {},
              .message = "voxeld is not running at " + socket_ +
                         "; start it with: voxeld, or tell where it is with --socket"};
  return false;
}

bool Connection::Call(const voxapi::Api& api, const voxapi::ApiMethod& method,
                      const NextPart& next_part, const OnResponse& on_response, Failure* failure) {
  if (!Connect(failure)) return false;
  const std::chrono::milliseconds by_kind =
      method.descriptor->server_streaming() ? std::chrono::seconds(0) : kAnswerTimeout;
  BlockingCall call(stub_.get(), method.path, timeout_.value_or(by_kind));
  bool going = call.Start();
  while (going) {
    const std::unique_ptr<Message> part = next_part();
    if (part == nullptr) break;
    going = call.Write(ToBytes(*part));
  }
  if (going) call.WritesDone();
  grpc::ByteBuffer bytes;
  const std::unique_ptr<Message> response = api.New(method.descriptor->output_type());
  bool stopped = false;
  while (!stopped && call.Read(&bytes)) {
    if (!FromBytes(bytes, response.get()) || !on_response(*response)) stopped = true;
  }
  if (stopped) call.Cancel();
  const grpc::Status status = call.Finish();
  if (status.ok() || stopped) return true;
  *failure = ToFailure(status, call.context());
  return false;
}

bool Connection::Call(const voxapi::Api& api, const voxapi::ApiMethod& method,
                      const Message& request, const OnResponse& on_response, Failure* failure) {
  bool sent = false;
  const auto once = [&]() -> std::unique_ptr<Message> {
    if (std::exchange(sent, true)) return nullptr;
    std::unique_ptr<Message> copy(request.New());
    copy->CopyFrom(request);
    return copy;
  };
  return Call(api, method, once, on_response, failure);
}

}  // namespace voxctl
