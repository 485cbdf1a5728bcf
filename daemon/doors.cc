#include "daemon/doors.h"

#include <sys/socket.h>

#include <utility>

#include "absl/time/clock.h"
#include "daemon/net/grpc_front.h"
#include "daemon/net/tls_credentials.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/base/string_view.h"

namespace voxeld {
namespace {

// `status` as about that flag.
absl::Status OfFlag(std::string_view flag, const absl::Status& status) {
  if (status.ok()) return status;
  return {status.code(), voxel::StrCat("--", flag, "=", voxel::ToStd(status.message()))};
}

absl::StatusOr<UnixAccess> UnixAccessOf(const Config& config) {
  UnixAccess access;
  access.mode = ReadMode(config.socket_mode).value_or(0600);
  if (config.socket_group.empty()) return access;
  const absl::StatusOr<gid_t> group = GroupNamed(config.socket_group);
  if (!group.ok()) return OfFlag("socket-group", group.status());
  access.group = *group;
  return access;
}

TlsFiles TlsFilesOf(const Config& config) {
  return {config.tls_cert, config.tls_key, config.tls_client_ca};
}

// OK without TLS.
absl::Status CheckTls(const Config& config) {
  return config.tls_cert.empty() ? absl::OkStatus()
                                 : CheckTlsFiles(TlsFilesOf(config), absl::Now());
}

// Other machines come in only if nobody can read along, and they show who they are.
Reach ReachOf(const Config& config) {
  const bool shown = !config.tls_client_ca.empty() || !config.token_file.empty();
  return !config.tls_cert.empty() && shown ? Reach::kAnywhere : Reach::kLoopback;
}

}  // namespace

absl::StatusOr<PeerPolicy> PeersOf(const Config& config) {
  absl::Status users = PeerPolicy::Make(config.allow_user, {}).status();
  if (!users.ok()) return OfFlag("allow-user", users);
  auto peers = PeerPolicy::Make(config.allow_user, config.allow_group);
  if (!peers.ok()) return OfFlag("allow-group", peers.status());
  return peers;
}

absl::StatusOr<std::unique_ptr<TokenGuard>> TokensOf(const Config& config) {
  if (config.token_file.empty()) return nullptr;
  auto tokens = TokenGuard::Open(config.token_file);
  if (!tokens.ok()) return OfFlag("token-file", tokens.status());
  return tokens;
}

GrpcPeer TcpPeerOf(const Config& config, const TokenGuard* tokens) {
  GrpcPeer peer{kTcpPeer, nullptr, config.tls_handshake_timeout, tokens};
  if (!config.tls_cert.empty()) {
    peer.credentials = TlsCredentials(TlsFilesOf(config), config.tls_refresh);
  }
  return peer;
}

absl::Status CheckDoors(const Config& config) {
  VOXEL_RETURN_IF_ERROR(UnixAccessOf(config).status());
  VOXEL_RETURN_IF_ERROR(CheckTls(config));
  VOXEL_RETURN_IF_ERROR(TokensOf(config).status());
  return PeersOf(config).status();
}

absl::StatusOr<absl::Duration> TlsTimeLeft(const Config& config) {
  VOXEL_RETURN_IF_ERROR(CheckTls(config));
  return TlsExpiry(TlsFilesOf(config)) - absl::Now();
}

absl::StatusOr<Sockets> OpenSockets(const Config& config, const ServiceManager& manager) {
  Sockets sockets;
  for (const ListeningSocket& given : manager.sockets()) {
    if (given.family == AF_UNIX && sockets.unix_socket == nullptr) {
      sockets.unix_socket = UnixSocket::Adopt(given.address, UniqueFd(given.fd));
    } else if (given.family != AF_UNIX && !sockets.tcp.fd.ok()) {
      sockets.tcp = {UniqueFd(given.fd), given.address};
      VOXEL_RETURN_IF_ERROR(CheckReach(sockets.tcp, ReachOf(config)));
    } else {
      return absl::InvalidArgumentError(voxel::StrCat(
          "LISTEN_FDS: ", given.address, ": one Unix socket and one of TCP can be served"));
    }
  }
  if (sockets.unix_socket == nullptr) {
    VOXEL_ASSIGN_OR_RETURN(const UnixAccess access, UnixAccessOf(config));
    VOXEL_ASSIGN_OR_RETURN(sockets.unix_socket, UnixSocket::Open(config.socket, access));
  }
  if (!sockets.tcp.fd.ok() && !config.grpc_tcp.empty()) {
    VOXEL_ASSIGN_OR_RETURN(sockets.tcp, ListenOnTcp(config.grpc_tcp, ReachOf(config)));
  }
  if (!config.http.empty()) {
    VOXEL_ASSIGN_OR_RETURN(sockets.http, ListenOnTcp(config.http, Reach::kLoopback));
  }
  return sockets;
}

}  // namespace voxeld
