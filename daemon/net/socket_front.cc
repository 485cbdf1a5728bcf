#include "daemon/net/socket_front.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
SocketFront::SocketFront(JsonDoor* json, GrpcFront* grpc, const SocketLimits& limits,
                         PeerPolicy peers)
    : json_(json), grpc_(grpc), limits_(limits), peers_(std::move(peers)) {}

SocketFront::~SocketFront() { StopAccepting(); }

absl::Status SocketFront::AcceptUnix(int fd) { return Listen(fd, Listener::kUnix); }
absl::Status SocketFront::AcceptTcp(int fd, bool tls) {
  return Listen(fd, tls ? Listener::kTls : Listener::kTcp);
}

absl::Status SocketFront::Listen(int fd, Listener listener) {
  acceptors_.push_back(std::make_shared<Acceptor>(
      json_->poller, json_->log, fd, limits_.fd_ceiling,
      [this, listener](UniqueFd accepted) { Accepted(std::move(accepted), listener); }));
  return acceptors_.back()->Start();
}

void SocketFront::StopAccepting() {
  for (const auto& acceptor : acceptors_) acceptor->Stop();
  acceptors_.clear();
}

void SocketFront::Accepted(UniqueFd fd, Listener listener) {
  const auto in_use = [this] { return undecided_ + static_cast<int>(connections_.size()); };
  if (in_use() >= limits_.max_connections) {
    return json_->log->Info("closed a connection: too many are open", {{"open", in_use()}});
  }
  // The first bytes are sealed, and gRPC has a time limit of its own for them.
  if (listener == Listener::kTls) return grpc_->Adopt(std::move(fd), kTcpPeer);
  absl::StatusOr<std::string> peer =
      listener == Listener::kUnix ? peers_.Admit(fd.get()) : std::string(kTcpPeer);
  if (!peer.ok()) {
    return json_->log->Warning(
        voxel::StrCat("refused a connection of ", voxel::ToStd(peer.status().message())));
  }
  ++undecided_;
  std::make_shared<Sniffer>(
      json_->poller, std::move(fd), limits_.first_byte,
      [this, in_use] { return in_use() <= limits_.max_connections / 2; },
      [this, peer = *std::move(peer), listener](UniqueFd decided, Protocol protocol) {
        --undecided_;
        Decided(std::move(decided), protocol, peer, listener);
      })
      ->Start();
}

void SocketFront::Decided(UniqueFd fd, Protocol protocol, const std::string& peer,
                          Listener listener) {
  if (!fd.ok()) return;
  if (protocol == Protocol::kGrpc) return grpc_->Adopt(std::move(fd), peer);
  if (protocol != Protocol::kJsonRpc || listener != Listener::kUnix) {
    return RefuseProtocol(fd.get(), listener == Listener::kUnix
                                        ? "JSON-RPC 2.0 (one object a line) and gRPC"
                                        : "gRPC; JSON-RPC has the Unix socket");
  }
  // `closed` may run at once, when the front does not know the connection yet.
  auto holder = std::make_shared<std::weak_ptr<JsonConnection>>();
  auto connection = std::make_shared<JsonConnection>(
      json_, std::move(fd), peer, [this, holder] { connections_.erase(holder->lock()); });
  *holder = connection;
  connections_.insert(connection);
  connection->Start();
}

void SocketFront::Drain() {
  for (const auto& connection : connections_) connection->session().Drain();
}

void SocketFront::CancelAll() {
  for (const auto& connection : connections_) connection->session().CancelAll();
}

bool SocketFront::idle() const {
  return std::all_of(connections_.begin(), connections_.end(),
                     [](const auto& connection) { return connection->idle(); });
}

}  // namespace voxeld
