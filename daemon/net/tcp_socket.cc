#include "daemon/net/tcp_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <charconv>
#include <system_error>

#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

absl::StatusOr<Address> Parse(const std::string& text) {
  const size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const char* const digits = colon == std::string::npos ? end : text.data() + colon + 1;
  const auto parsed = std::from_chars(digits, end, port);
  if (digits == end || parsed.ec != std::errc() || parsed.ptr != end) {
    return absl::InvalidArgumentError(
        voxel::StrCat("\"", text, "\" is not HOST:PORT with a port in [0, 65535]"));
  }
  if (host == "localhost") host = "127.0.0.1";
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
  } else if (bracketed &&
             inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof *v6;
  } else {
    return absl::InvalidArgumentError(voxel::StrCat(
        "\"", host,
        "\" is neither an IPv4 address, nor an IPv6 address in brackets, nor localhost"));
  }
  return address;
}

bool IsLoopback(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
  }
  return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr) != 0;
}

absl::Status CheckAddress(const sockaddr_storage& storage, std::string_view shown, Reach reach) {
  if (reach == Reach::kAnywhere || IsLoopback(storage)) return absl::OkStatus();
  return absl::InvalidArgumentError(voxel::StrCat(
      "\"", shown, "\" is not a loopback address (127.0.0.1, [::1], localhost): others need ",
      "--tls-cert and --tls-key, and --tls-client-ca or --token-file"));
}

}  // namespace

std::string TcpAddressOf(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
  char host[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
    return voxel::StrCat("[", host, "]:", ntohs(v6->sin6_port));
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
  inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
  return voxel::StrCat(host, ":", ntohs(v4->sin_port));
}

absl::Status CheckReach(const TcpSocket& socket, Reach reach) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(socket.fd.get(), reinterpret_cast<sockaddr*>(&storage), &size);
  return CheckAddress(storage, socket.address, reach);
}

absl::StatusOr<TcpSocket> ListenOnTcp(const std::string& text, Reach reach) {
  VOXEL_ASSIGN_OR_RETURN(const Address address, Parse(text));
  VOXEL_RETURN_IF_ERROR(CheckAddress(address.storage, text, reach));
  UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // REUSEADDR lets a restart bind at once; without REUSEPORT two daemons cannot share the port.
  const int on = 1;
  if (!fd.ok() || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      listen(fd.get(), SOMAXCONN) != 0) {
    const std::string what =
        voxel::StrCat("cannot listen on ", text, ": ", std::generic_category().message(errno));
    return errno == EADDRINUSE ? absl::FailedPreconditionError(what) : absl::UnavailableError(what);
  }
  std::string name = TcpAddressOf(fd.get());
  return TcpSocket{std::move(fd), std::move(name)};
}

}  // namespace voxeld
