// The gRPC door: one generic server per peer identity, fed with connections that we accepted
// ourselves.
//
// Why one per peer:  inside a call gRPC 1.51 knows its connection only as "fd:11", so identity
//                    cannot be looked up there. The peers are few: our own user, root, TCP.
// Cost:              nothing before Warm or the first connection.
// Threading:         the poller's thread, except where said.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/io/poller.h"
#include "daemon/io/unique_fd.h"
#include "daemon/net/grpc_server.h"

namespace voxeld {

// Who comes over TCP, unless a certificate or token says more.
inline constexpr char kTcpPeer[] = "tcp";

class GrpcFront {
 public:
  // Everything that `door` points to must outlive the front.
  GrpcFront(Poller* poller, const GrpcDoor& door);
  ~GrpcFront();  // REQUIRES: the poller no longer runs

  // What connections over TCP must show; before the first of them. Without it, nothing.
  void ProtectTcp(GrpcPeer peer) { tcp_ = std::move(peer); }

  // Builds that peer's server on a thread of its own, so that its first connection need not wait.
  void Warm(const std::string& peer);
  // Serves a connection whose first bytes (still in the socket) are HTTP/2's.
  void Adopt(UniqueFd fd, const std::string& peer);

  // The daemon stops: streams that only wait end with SHUTTING_DOWN, no new connections; `done`
  // runs on the poller's thread when every call has ended or was cancelled at `deadline` (by
  // voxel::SteadyNow()).
  void Shutdown(absl::Time deadline, Poller::Task done);

 private:
  struct Slot {
    std::thread building;
    std::unique_ptr<GrpcServer> server;
    std::vector<UniqueFd> waiting;  // adopted while it is built
  };

  void Built(const std::string& peer, std::unique_ptr<GrpcServer> server);

  Poller* const poller_;
  const GrpcDoor door_;
  GrpcPeer tcp_{kTcpPeer, nullptr};
  std::map<std::string, Slot> servers_;
  std::thread stopping_;
  bool stopped_ = false;
};

}  // namespace voxeld
