#include "daemon/net/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <charconv>

#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr size_t kMaxPathBytes = sizeof(sockaddr_un::sun_path) - 1;

absl::Status SystemError(std::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, voxel::StrCat(what, " ", path));
}

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path.data(), path.size());
  return address;
}

absl::Status CheckPath(const std::string& path) {
  if (path.empty()) return absl::InvalidArgumentError("the socket path is empty");
  if (path.size() > kMaxPathBytes) {
    return absl::InvalidArgumentError(voxel::StrCat("the socket path has ", path.size(),
                                                    " bytes; the system allows ", kMaxPathBytes,
                                                    ": ", path));
  }
  if (path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("the socket path holds a zero byte");
  }
  return absl::OkStatus();
}

// Makes the last directory of the path if it is missing.
absl::Status MakeDirectory(const std::string& path, const UnixAccess& access) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return absl::OkStatus();
  const std::string directory = path.substr(0, slash);
  if (mkdir(directory.c_str(), 0700) != 0) {
    return errno == EEXIST ? absl::OkStatus() : SystemError("cannot make the directory", directory);
  }
  if (!access.group.has_value()) return absl::OkStatus();
  if (chown(directory.c_str(), -1, *access.group) != 0 || chmod(directory.c_str(), 0750) != 0) {
    return SystemError("cannot give to the group of the socket", directory);
  }
  return absl::OkStatus();
}

std::string OwnerOf(int lock) {
  char text[32];
  const ssize_t size = pread(lock, text, sizeof text, 0);
  int pid = 0;
  if (size <= 0 || std::from_chars(text, text + size, pid).ec != std::errc()) {
    return "of an unknown id";
  }
  return voxel::StrCat(pid);
}

// Whether `fd` is still the file of that name: the previous owner removes its lock file when it
// ends.
bool StillThere(int fd, const std::string& path) {
  struct stat by_fd, by_path;
  return fstat(fd, &by_fd) == 0 && lstat(path.c_str(), &by_path) == 0 &&
         by_fd.st_ino == by_path.st_ino && by_fd.st_dev == by_path.st_dev;
}

absl::StatusOr<UniqueFd> TakeLock(const std::string& socket_path) {
  const std::string path = socket_path + ".lock";
  for (;;) {
    UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.ok()) return SystemError("cannot open the lock file", path);
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return SystemError("cannot lock", path);
      return absl::FailedPreconditionError(
          voxel::StrCat("process ", OwnerOf(fd.get()), " serves ", socket_path, " already"));
    }
    if (!StillThere(fd.get(), path)) continue;
    const std::string pid = voxel::StrCat(getpid(), "\n");
    if (ftruncate(fd.get(), 0) != 0 ||
        pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
      return SystemError("cannot write", path);
    }
    return fd;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<UnixSocket>> UnixSocket::Open(const std::string& path,
                                                             const UnixAccess& access) {
  VOXEL_RETURN_IF_ERROR(CheckPath(path));
  VOXEL_RETURN_IF_ERROR(MakeDirectory(path, access));
  VOXEL_ASSIGN_OR_RETURN(UniqueFd lock, TakeLock(path));
  std::unique_ptr<UnixSocket> socket(new UnixSocket(path, std::move(lock)));
  VOXEL_RETURN_IF_ERROR(socket->RemoveStale());
  VOXEL_RETURN_IF_ERROR(socket->Bind(access));
  return socket;
}

std::unique_ptr<UnixSocket> UnixSocket::Adopt(std::string path, UniqueFd fd) {
  std::unique_ptr<UnixSocket> socket(new UnixSocket(std::move(path), UniqueFd()));
  socket->fd_ = std::move(fd);
  return socket;
}

UnixSocket::~UnixSocket() {
  Close();
  if (!lock_.ok()) return;
  unlink((path_ + ".lock").c_str());  // while it is locked: who waits for it sees that it is gone
}

void UnixSocket::Close() {
  struct stat found;
  if (inode_ != 0 && lstat(path_.c_str(), &found) == 0 && found.st_ino == inode_) {
    unlink(path_.c_str());
  }
  inode_ = 0;
  fd_.Reset();
}

// We hold the lock, so what is there belongs to a dead voxeld, or to a program that knows no locks.
absl::Status UnixSocket::RemoveStale() {
  struct stat found;
  if (lstat(path_.c_str(), &found) != 0) return absl::OkStatus();
  if (!S_ISSOCK(found.st_mode)) {
    return absl::FailedPreconditionError(
        voxel::StrCat(path_, " exists and is not a socket; remove it or choose another --socket"));
  }
  UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = AddressOf(path_);
  // EAGAIN: a full backlog; somebody listens.
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN) {
    ucred owner{};
    socklen_t size = sizeof owner;
    getsockopt(probe.get(), SOL_SOCKET, SO_PEERCRED, &owner, &size);
    // An io_uring that accepted for a killed process holds its socket for a moment longer.
    const bool ended = owner.pid > 0 && kill(owner.pid, 0) != 0 && errno == ESRCH;
    if (!ended) {
      return absl::FailedPreconditionError(
          voxel::StrCat("process ", owner.pid, " serves ", path_, " already"));
    }
  } else if (errno != ECONNREFUSED) {
    return SystemError("cannot tell who serves", path_);
  }
  if (unlink(path_.c_str()) != 0) return SystemError("cannot remove the stale socket", path_);
  return absl::OkStatus();
}

absl::Status UnixSocket::Bind(const UnixAccess& access) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.ok()) return SystemError("cannot make a socket for", path_);
  const sockaddr_un address = AddressOf(path_);
  const mode_t before = umask(0177);
  const int bound = bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  umask(before);
  errno = error;
  if (bound != 0) return SystemError("cannot bind", path_);
  struct stat made;
  if (lstat(path_.c_str(), &made) == 0) inode_ = made.st_ino;
  // Nobody can connect before it listens.
  if (access.group.has_value() && lchown(path_.c_str(), -1, *access.group) != 0) {
    return SystemError("cannot give to the group of the socket", path_);
  }
  if (chmod(path_.c_str(), access.mode) != 0) return SystemError("cannot set the mode of", path_);
  if (listen(fd.get(), SOMAXCONN) != 0) return SystemError("cannot listen on", path_);
  fd_ = std::move(fd);
  return absl::OkStatus();
}

}  // namespace voxeld
