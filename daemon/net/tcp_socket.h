// A listening TCP socket on the loopback interface. gRPC 1.51 must not face a network (known
// denials of service), so other addresses are refused.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/net/unique_fd.h"

namespace voxeld {

struct TcpSocket {
  UniqueFd fd;
  std::string address;  // as bound: "127.0.0.1:50051"; port 0 was replaced by the one chosen
};

// Binds and listens on "HOST:PORT", where HOST is 127.0.0.0/8, [::1] or localhost.
// InvalidArgument for any other address; FailedPrecondition if the port is taken.
absl::StatusOr<TcpSocket> ListenOnLoopback(const std::string& address);

}  // namespace voxeld
