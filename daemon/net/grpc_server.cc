#include "daemon/net/grpc_server.h"

#include <fcntl.h>
#include <grpcpp/server_posix.h>

#include <climits>
#include <vector>

#include "daemon/net/grpc_call.h"
#include "voxel/base/check.h"

namespace voxeld {
namespace {

constexpr int kWaitingCalls = 32;  // ready to take a client's next call

}  // namespace

std::unique_ptr<GrpcServer> GrpcServer::Start(const GrpcDoor& door, GrpcPeer peer) {
  std::unique_ptr<GrpcServer> server(new GrpcServer(door, std::move(peer)));
  grpc::ServerBuilder builder;
  builder.RegisterAsyncGenericService(&server->service_);
  // gRPC inflates before it checks the size: 64 KiB could become 64 MiB.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  // Twice our own limit: what is a little too large gets our own error, which names the limit.
  builder.SetMaxReceiveMessageSize(
      static_cast<int>(std::min<int64_t>(door.max_message_bytes * 2, INT_MAX)));
  builder.SetMaxSendMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, door.max_streams);
  if (server->peer_.credentials != nullptr) server->ShakeHands(&builder);
  server->queue_ = builder.AddCompletionQueue();
  server->server_ = builder.BuildAndStart();
  VOXEL_CHECK(server->server_ != nullptr);  // it opens no port, so nothing outside can make it fail
  for (int i = 0; i < kWaitingCalls; ++i) server->Add(new GrpcCall(server.get()));
  server->thread_ = std::thread([raw = server.get()] { raw->Serve(); });
  return server;
}

GrpcServer::~GrpcServer() {
  if (thread_.joinable()) Shutdown(absl::InfinitePast());
}

void GrpcServer::ShakeHands(grpc::ServerBuilder* builder) {
  using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  acceptor_ =
      builder->experimental().AddExternalConnectionAcceptor(Type::FROM_FD, peer_.credentials);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                              static_cast<int>(absl::ToInt64Milliseconds(peer_.handshake_timeout)));
}

void GrpcServer::Adopt(UniqueFd fd) {
  if (acceptor_ == nullptr) return grpc::AddInsecureChannelFromFd(server_.get(), fd.Release());
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
  connection.fd = fd.Release();
  acceptor_->HandleNewConnection(&connection);
}

void GrpcServer::Began() {
  absl::MutexLock lock(&mu_);
  ++running_;
}

void GrpcServer::Ended() {
  absl::MutexLock lock(&mu_);
  if (--running_ == 0) none_running_.Signal();
}

// gRPC's own Shutdown also waits for clients to hang up, which idle ones do after seconds: calls
// are waited for here.
void GrpcServer::Shutdown(absl::Time deadline) {
  drain_.Set(queue_.get(), GrpcNow(), &drain_);
  {
    absl::MutexLock lock(&mu_);
    while (running_ > 0 && !none_running_.WaitUntil(&mu_, deadline)) continue;
  }
  server_->Shutdown(GrpcNow());
  stop_.Set(queue_.get(), GrpcNow(), &stop_);
  thread_.join();
}

// Ends once it was told to stop and the last call is gone: nothing may begin on a queue that is
// shut down.
void GrpcServer::Serve() {
  serving_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  void* tag = nullptr;
  bool ok = false;
  bool stopping = false;
  bool shut_down = false;
  while (queue_->Next(&tag, &ok)) {
    if (tag == &drain_) {
      draining_ = true;
      for (GrpcCall* call : std::vector<GrpcCall*>(calls_.begin(), calls_.end())) call->Drain();
    } else if (tag == &stop_) {
      stopping = true;
    } else {
      GrpcCall::Run(tag, ok);
    }
    if (stopping && calls_.empty() && !std::exchange(shut_down, true)) queue_->Shutdown();
  }
}

}  // namespace voxeld
