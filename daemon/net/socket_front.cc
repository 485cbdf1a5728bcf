#include "daemon/net/socket_front.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/status/statusor.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

// "uid:1000". PermissionDenied for users that are not served.
absl::StatusOr<std::string> PeerOf(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return absl::PermissionDeniedError("a peer without credentials");
  }
  if (peer.uid != geteuid() && peer.uid != 0) {
    return absl::PermissionDeniedError(
        voxel::StrCat("uid ", peer.uid, " (process ", peer.pid, ")"));
  }
  return voxel::StrCat("uid:", peer.uid);
}

}  // namespace

SocketFront::SocketFront(JsonDoor* json, GrpcFront* grpc, const SocketLimits& limits)
    : json_(json), grpc_(grpc), limits_(limits) {}

SocketFront::~SocketFront() { StopAccepting(); }

absl::Status SocketFront::AcceptUnix(int fd) { return Listen(fd, /*unix_socket=*/true); }
absl::Status SocketFront::AcceptTcp(int fd) { return Listen(fd, /*unix_socket=*/false); }

absl::Status SocketFront::Listen(int fd, bool unix_socket) {
  acceptors_.push_back(std::make_shared<Acceptor>(
      json_->poller, json_->log, fd, limits_.fd_ceiling,
      [this, unix_socket](UniqueFd accepted) { Accepted(std::move(accepted), unix_socket); }));
  return acceptors_.back()->Start();
}

void SocketFront::StopAccepting() {
  for (const auto& acceptor : acceptors_) acceptor->Stop();
  acceptors_.clear();
}

void SocketFront::Accepted(UniqueFd fd, bool unix_socket) {
  const auto in_use = [this] { return undecided_ + static_cast<int>(connections_.size()); };
  if (in_use() >= limits_.max_connections) {
    return json_->log->Info(voxel::StrCat("closed a connection: ", in_use(), " are open"));
  }
  absl::StatusOr<std::string> peer = unix_socket ? PeerOf(fd.get()) : std::string("tcp");
  if (!peer.ok()) {
    return json_->log->Warning(voxel::StrCat("refused a connection of ", peer.status().message()));
  }
  ++undecided_;
  std::make_shared<Sniffer>(
      json_->poller, std::move(fd), limits_.first_byte,
      [this, in_use] { return in_use() <= limits_.max_connections / 2; },
      [this, peer = *std::move(peer), unix_socket](UniqueFd decided, Protocol protocol) {
        --undecided_;
        Decided(std::move(decided), protocol, peer, unix_socket);
      })
      ->Start();
}

void SocketFront::Decided(UniqueFd fd, Protocol protocol, const std::string& peer,
                          bool unix_socket) {
  if (!fd.ok()) return;
  if (protocol == Protocol::kGrpc) return grpc_->Adopt(std::move(fd), peer);
  if (protocol != Protocol::kJsonRpc || !unix_socket) {
    return RefuseProtocol(fd.get(), unix_socket ? "JSON-RPC 2.0 (one object a line) and gRPC"
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
