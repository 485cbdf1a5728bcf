// A listening TCP socket. gRPC 1.51 must not face a network unprotected (known denials of service),
// so addresses other than the loopback interface's are refused unless clients must show who they
// are.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/io/unique_fd.h"

namespace voxeld {

struct TcpSocket {
  UniqueFd fd;
  std::string address;  // as bound: "127.0.0.1:50051"; port 0 was replaced by the one chosen
};

// Where a listener may listen.
enum class Reach : uint8_t { kLoopback, kAnywhere };

// Binds and listens on "HOST:PORT"; HOST is an IPv4 address, an IPv6 address in brackets, or
// localhost.
//   InvalidArgument     it is something else, or not of 127.0.0.0/8 or [::1] where only these may
//                       be
//   FailedPrecondition  the port is taken
absl::StatusOr<TcpSocket> ListenOnTcp(const std::string& address, Reach reach);

// InvalidArgument, as above, for a socket that listens already.
absl::Status CheckReach(const TcpSocket& socket, Reach reach);

// "127.0.0.1:50051", "[::1]:50051": where a TCP socket listens.
std::string TcpAddressOf(int fd);

}  // namespace voxeld
