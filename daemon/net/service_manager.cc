#include "daemon/net/service_manager.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include <charconv>
#include <cstddef>
#include <optional>

#include "daemon/net/tcp_socket.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr int kFirstSocket = 3;  // SD_LISTEN_FDS_START
constexpr int kMostSockets = 16;

// Read before there are threads.
std::string Variable(const char* name) {
  const char* const value = getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value != nullptr ? value : "";
}

std::optional<int64_t> Number(const std::string& text) {
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

absl::Status Unreadable(const char* name, const std::string& value) {
  return absl::InvalidArgumentError(voxel::StrCat(name, "=", value, ": not a number"));
}

// The name of the n-th socket in "a:b:c".
std::string NameAt(const std::string& names, int n) {
  size_t begin = 0;
  for (; n > 0; --n) {
    const size_t colon = names.find(':', begin);
    if (colon == std::string::npos) return {};
    begin = colon + 1;
  }
  return names.substr(begin, names.find(':', begin) - begin);
}

int SocketOption(int fd, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

std::string UnixAddress(int fd) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  const size_t length = size - offsetof(sockaddr_un, sun_path);
  return std::string(address.sun_path, strnlen(address.sun_path, length));
}

absl::StatusOr<ListeningSocket> Describe(int fd, std::string name) {
  const int family = SocketOption(fd, SO_DOMAIN);
  const bool usable = SocketOption(fd, SO_TYPE) == SOCK_STREAM &&
                      SocketOption(fd, SO_ACCEPTCONN) == 1 &&
                      (family == AF_UNIX || family == AF_INET || family == AF_INET6);
  if (!usable) {
    return absl::InvalidArgumentError(voxel::StrCat(
        "LISTEN_FDS: descriptor ", fd, " (\"", name,
        "\") is no listening stream socket of the Unix or an IP family; Accept= must be no"));
  }
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
      fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) {
    return absl::ErrnoToStatus(errno, "fcntl");
  }
  std::string address = family == AF_UNIX ? UnixAddress(fd) : TcpAddressOf(fd);
  return ListeningSocket{fd, family, std::move(name), std::move(address)};
}

}  // namespace

absl::StatusOr<ServiceManager> ServiceManager::Read() {
  ServiceManager manager;
  VOXEL_RETURN_IF_ERROR(manager.ReadSockets());
  VOXEL_RETURN_IF_ERROR(manager.ReadWatchdog());
  VOXEL_RETURN_IF_ERROR(manager.OpenNotify());
  return manager;
}

absl::Status ServiceManager::ReadSockets() {
  const std::string count = Variable("LISTEN_FDS");
  // Meant for another process that we were started by.
  if (count.empty() || Number(Variable("LISTEN_PID")) != getpid()) return absl::OkStatus();
  const std::optional<int64_t> number = Number(count);
  if (!number.has_value() || *number < 0 || *number > kMostSockets) {
    return Unreadable("LISTEN_FDS", count);
  }
  const std::string names = Variable("LISTEN_FDNAMES");
  for (int i = 0; i < *number; ++i) {
    VOXEL_ASSIGN_OR_RETURN(ListeningSocket socket, Describe(kFirstSocket + i, NameAt(names, i)));
    sockets_.push_back(std::move(socket));
  }
  return absl::OkStatus();
}

absl::Status ServiceManager::ReadWatchdog() {
  const std::string usec = Variable("WATCHDOG_USEC");
  const std::string pid = Variable("WATCHDOG_PID");
  if (usec.empty() || (!pid.empty() && Number(pid) != getpid())) return absl::OkStatus();
  const std::optional<int64_t> value = Number(usec);
  if (!value.has_value() || *value < 0) return Unreadable("WATCHDOG_USEC", usec);
  watchdog_ = absl::Microseconds(*value);
  return absl::OkStatus();
}

absl::Status ServiceManager::OpenNotify() {
  const std::string path = Variable("NOTIFY_SOCKET");
  if (path.empty()) return absl::OkStatus();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if ((path[0] != '/' && path[0] != '@') || path.size() >= sizeof address.sun_path) {
    return absl::InvalidArgumentError(
        voxel::StrCat("NOTIFY_SOCKET=", path, ": neither a path nor an abstract name"));
  }
  memcpy(address.sun_path, path.data(), path.size());
  if (path[0] == '@') address.sun_path[0] = '\0';
  notify_.Reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // A manager that does not read must not stop the poller for good.
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  if (!notify_.ok() ||
      setsockopt(notify_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
      connect(notify_.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return absl::ErrnoToStatus(errno, voxel::StrCat("NOTIFY_SOCKET=", path));
  }
  return absl::OkStatus();
}

bool ServiceManager::gives(int family) const {
  for (const ListeningSocket& socket : sockets_) {
    if (socket.family == family) return true;
  }
  return false;
}

void ServiceManager::Tell(std::string_view state) const {
  if (notify_.ok()) (void)send(notify_.get(), state.data(), state.size(), MSG_NOSIGNAL);
}

void ServiceManager::TellReloading() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  Tell(voxel::StrCat("RELOADING=1\nMONOTONIC_USEC=",
                     int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

bool IsJournal(int fd) {
  struct stat found;
  if (fstat(fd, &found) != 0) return false;
  return Variable("JOURNAL_STREAM") == voxel::StrCat(found.st_dev, ":", found.st_ino);
}

}  // namespace voxeld
