#include "daemon/net/socket_front.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/memory/recycled.h"
#include "daemon/net/http_connection.h"
#include "daemon/net/json_connection.h"
#include "daemon/net/resp_connection.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

Door DoorOf(Protocol protocol) {
  if (protocol == Protocol::kHttp) return Door::kHttp;
  return protocol == Protocol::kResp ? Door::kResp : Door::kJsonRpc;
}

}  // namespace

SocketFront::SocketFront(const Doors& doors, const SocketLimits& limits, PeerPolicy peers)
    : doors_(doors), limits_(limits), peers_(std::move(peers)) {}

SocketFront::~SocketFront() { StopAccepting(); }

absl::Status SocketFront::AcceptUnix(int fd) { return Listen(fd, Listener::kUnix); }
absl::Status SocketFront::AcceptTcp(int fd, bool tls) {
  return Listen(fd, tls ? Listener::kTls : Listener::kTcp);
}
absl::Status SocketFront::AcceptHttp(int fd) { return Listen(fd, Listener::kHttp); }

absl::Status SocketFront::Listen(int fd, Listener listener) {
  acceptors_.push_back(std::make_shared<Acceptor>(
      doors_.json->poller, doors_.json->log, fd, limits_.fd_ceiling,
      [this, listener](UniqueFd accepted) { Accepted(std::move(accepted), listener); }));
  return acceptors_.back()->Start();
}

void SocketFront::StopAccepting() {
  for (const auto& acceptor : acceptors_) acceptor->Stop();
  acceptors_.clear();
}

void SocketFront::Accepted(UniqueFd fd, Listener listener) {
  const auto in_use = [this] { return undecided_ + served_; };
  const Log* const log = doors_.json->log;
  if (in_use() >= limits_.max_connections) {
    stats_.Refused();
    return log->Info("closed a connection: too many are open", {{"open", in_use()}});
  }
  // The first bytes are sealed, and gRPC has a time limit of its own for them.
  if (listener == Listener::kTls) return HandToGrpc(std::move(fd), kTcpPeer);
  absl::StatusOr<std::string> peer =
      listener == Listener::kUnix ? peers_.Admit(fd.get()) : std::string(kTcpPeer);
  if (!peer.ok()) {
    stats_.Refused();
    return log->Warning(
        voxel::StrCat("refused a connection of ", voxel::ToStd(peer.status().message())));
  }
  int* const of_peer = &of_peers_[*peer];
  if (*of_peer >= limits_.peer_connections) {
    stats_.Refused();
    return log->Info("closed a connection: too many of its peer are open",
                     {{"peer", *peer}, {"open", *of_peer}});
  }
  // Answers are written whole: waiting for more to send along would only delay them.
  const int on = 1;
  if (listener == Listener::kHttp) {
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ++undecided_;
  ++*of_peer;
  MakeRecycled<Sniffer>(
      doors_.json->poller, std::move(fd), limits_.first_byte,
      [this, in_use] { return in_use() <= limits_.max_connections / 2; },
      [this, peer = *std::move(peer), listener, of_peer](UniqueFd decided, Protocol protocol) {
        --undecided_;
        if (!Decided(std::move(decided), protocol, peer, listener, of_peer)) --*of_peer;
      })
      ->Start();
}

bool SocketFront::Speaks(Listener listener, Protocol protocol) {
  if (listener == Listener::kUnix) return protocol != Protocol::kUnknown;
  return protocol == (listener == Listener::kHttp ? Protocol::kHttp : Protocol::kGrpc);
}

std::string_view SocketFront::SpokenOn(Listener listener) {
  if (listener == Listener::kUnix) {
    return "JSON-RPC 2.0 (one object a line), gRPC, HTTP/1.1 and RESP2";
  }
  return listener == Listener::kHttp ? "HTTP/1.1; the Unix socket speaks all the others"
                                     : "gRPC; the Unix socket speaks all the others";
}

void SocketFront::HandToGrpc(UniqueFd fd, const std::string& peer) {
  stats_.HandedOn(Door::kGrpc);
  doors_.grpc->Adopt(std::move(fd), peer);
}

bool SocketFront::Decided(UniqueFd fd, Protocol protocol, const std::string& peer,
                          Listener listener, int* of_peer) {
  if (!fd.ok()) return false;
  if (!Speaks(listener, protocol)) {
    stats_.Refused();
    RefuseProtocol(fd.get(), SpokenOn(listener));
    return false;
  }
  if (protocol == Protocol::kGrpc) {
    HandToGrpc(std::move(fd), peer);
    return false;
  }
  Serve(std::move(fd), protocol, peer, listener != Listener::kUnix, of_peer);
  return true;
}

void SocketFront::Serve(UniqueFd fd, Protocol protocol, const std::string& peer, bool tcp,
                        int* of_peer) {
  const Door door = DoorOf(protocol);
  const auto place = static_cast<uint32_t>(fd.get());
  if (place >= connections_.size()) {
    connections_.resize(std::max<size_t>(place + 1, 2 * connections_.size()));
  }
  // The number is this connection's until the next one is accepted, which happens on this thread.
  auto closed = [this, door, place] {
    stats_.Closed(door);
    --served_;
    --*connections_[place].of_peer;
    connections_[place] = {};
  };
  const auto keep = [this, door, place, of_peer](const auto& connection) {
    connections_[place] = {connection, of_peer};
    ++served_;
    stats_.Opened(door);
    connection->Start();
  };
  if (protocol == Protocol::kHttp) {
    keep(MakeRecycled<HttpConnection>(doors_.http, std::move(fd), peer, tcp, closed));
  } else if (protocol == Protocol::kResp) {
    keep(MakeRecycled<RespConnection>(doors_.resp, std::move(fd), peer, closed));
  } else {
    keep(MakeRecycled<JsonConnection>(doors_.json, std::move(fd), peer, closed));
  }
}

void SocketFront::Drain() {
  ForEach([](Connection& connection) { connection.Drain(); });
}

void SocketFront::CancelAll() {
  ForEach([](Connection& connection) { connection.CancelAll(); });
  doors_.http->mcp->CancelAll();
}

bool SocketFront::idle() const {
  bool idle = doors_.http->mcp->idle();  // an exchange goes on without its connection
  ForEach([&idle](const Connection& connection) { idle = idle && connection.idle(); });
  return idle;
}

void SocketFront::ForEach(absl::FunctionRef<void(Connection&)> fn) const {
  for (const Place& place : connections_) {
    if (place.connection != nullptr) fn(*place.connection);
  }
}

}  // namespace voxeld
