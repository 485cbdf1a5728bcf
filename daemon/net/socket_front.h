// Everything that comes in over our sockets: accepts, checks who it is, finds out what it speaks,
// and hands it on.
//
// Peers:     over the Unix socket those of the policy, known as "uid:N". Over TCP whoever connects,
//            as "tcp"; what they must show is GrpcPeer's.
// Limits:    above max_connections new connections are closed at once, before a byte is read;
//            above peer_connections those of that peer. Connections that were handed to gRPC count
//            by the descriptors they hold (see Acceptor), whosever they are. One that sends nothing
//            may stay while connections are plenty; once half of them are in use it is closed after
//            `first_byte`.
// Threading: the poller's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/net/acceptor.h"
#include "daemon/net/connection.h"
#include "daemon/net/grpc_front.h"
#include "daemon/net/http_door.h"
#include "daemon/net/json_door.h"
#include "daemon/net/peer_policy.h"
#include "daemon/net/resp_door.h"
#include "daemon/net/sniffer.h"
#include "daemon/stats/connection_stats.h"

namespace voxeld {

struct SocketLimits {
  int max_connections = 4096;
  int peer_connections = 4096;
  int fd_ceiling = 1 << 30;
  absl::Duration first_byte = absl::Seconds(5);
};

// What connections are handed to. All of it outlives the front.
struct Doors {
  JsonDoor* json = nullptr;
  GrpcFront* grpc = nullptr;
  HttpDoor* http = nullptr;
  RespDoor* resp = nullptr;
};

class SocketFront {
 public:
  SocketFront(const Doors& doors, const SocketLimits& limits, PeerPolicy peers = {});
  ~SocketFront();

  // Every door. `fd` listens and must stay open until StopAccepting.
  absl::Status AcceptUnix(int fd);
  // gRPC only; `tls`: behind a handshake that is gRPC's.
  absl::Status AcceptTcp(int fd, bool tls);
  // HTTP only, for whoever is on this machine.
  absl::Status AcceptHttp(int fd);
  void StopAccepting();
  const ConnectionStats& connections() const { return stats_; }

  // As JsonSession's, for every connection.
  void Drain();
  void CancelAll();
  // Nothing is being answered.
  bool idle() const;

 private:
  enum class Listener { kUnix, kTcp, kTls, kHttp };
  struct Place {
    std::shared_ptr<Connection> connection;
    int* of_peer = nullptr;
  };

  void Accepted(UniqueFd fd, Listener listener);
  // Whether it is one of ours from now on.
  bool Decided(UniqueFd fd, Protocol protocol, const std::string& peer, Listener listener,
               int* of_peer);
  void HandToGrpc(UniqueFd fd, const std::string& peer);
  void Serve(UniqueFd fd, Protocol protocol, const std::string& peer, bool tcp, int* of_peer);
  void ForEach(absl::FunctionRef<void(Connection&)> fn) const;
  static bool Speaks(Listener listener, Protocol protocol);
  static std::string_view SpokenOn(Listener listener);
  absl::Status Listen(int fd, Listener listener);

  const Doors doors_;
  const SocketLimits limits_;
  const PeerPolicy peers_;
  std::vector<std::shared_ptr<Acceptor>> acceptors_;
  int undecided_ = 0;
  ConnectionStats stats_;
  std::vector<Place> connections_;  // by descriptor
  int served_ = 0;                  // of them: there
  // Of each that ever came: undecided and served ones.
  std::map<std::string, int, std::less<>> of_peers_;
};

}  // namespace voxeld
