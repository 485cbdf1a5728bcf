// Where clients come in, and what they must show there, by the settings.
//
// Threading: OpenSockets before there are other threads; the others anywhere.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "daemon/config/config.h"
#include "daemon/net/grpc_server.h"
#include "daemon/net/peer_policy.h"
#include "daemon/net/service_manager.h"
#include "daemon/net/tcp_socket.h"
#include "daemon/net/token_guard.h"
#include "daemon/net/unix_socket.h"

namespace voxeld {

// What the daemon listens on, opened here or by whoever started it.
struct Sockets {
  std::unique_ptr<UnixSocket> unix_socket;
  TcpSocket tcp;   // of gRPC
  TcpSocket http;  // not open unless asked for, as the one above
};

// Errors name the flag or the address.
absl::StatusOr<Sockets> OpenSockets(const Config& config, const ServiceManager& manager);

// Who is served on the Unix socket. InvalidArgument: a user or group that does not exist.
absl::StatusOr<PeerPolicy> PeersOf(const Config& config);

// The tokens of the settings; null without a file. Errors as TokenGuard::Open.
absl::StatusOr<std::unique_ptr<TokenGuard>> TokensOf(const Config& config);

// What connections over TCP must show. REQUIRES: CheckDoors.
GrpcPeer TcpPeerOf(const Config& config, const TokenGuard* tokens);

// Whether what the settings name exists and is of use: users, groups, certificates. Opens no
// socket.
absl::Status CheckDoors(const Config& config);

// How long the TLS certificate is valid; an error as CheckDoors' if the files are of no use.
absl::StatusOr<absl::Duration> TlsTimeLeft(const Config& config);

}  // namespace voxeld
