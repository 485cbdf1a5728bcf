// The daemon's listening Unix socket: a path that belongs to one process, from the first instant
// only to its user.
//
// Lock:      PATH.lock is held by flock for the life of this object and names the process. A live
//            socket is never taken over, a dead one's remains are removed.
// Mode:      the socket is born 0600 and gets its mode and group before anybody can connect; a
//            missing directory is made with 0700, and with 0750 and the group if there is one.
// Threading: Open changes the umask for a moment: call it before there are other threads.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/io/unique_fd.h"

namespace voxeld {

struct UnixAccess {
  mode_t mode = 0600;
  std::optional<gid_t> group = {};  // none: that of the process
};

class UnixSocket {
 public:
  // Binds and listens.
  //   InvalidArgument     the path is longer than 107 bytes or empty, or holds a zero byte
  //   FailedPrecondition  another process serves it (the message names its id), or it is not a
  //                       socket
  //   anything else       what the system said, with the path
  static absl::StatusOr<std::unique_ptr<UnixSocket>> Open(const std::string& path,
                                                          const UnixAccess& access = {});
  // One that listens already, opened by whoever started us: it stays when we end.
  static std::unique_ptr<UnixSocket> Adopt(std::string path, UniqueFd fd);
  ~UnixSocket();
  UnixSocket(const UnixSocket&) = delete;
  UnixSocket& operator=(const UnixSocket&) = delete;

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }

  // Stops listening and removes the socket, so that clients fail at once; the lock stays until
  // destruction.
  void Close();

 private:
  UnixSocket(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  absl::Status RemoveStale();
  absl::Status Bind(const UnixAccess& access);

  const std::string path_;
  UniqueFd lock_;
  UniqueFd fd_;
  ino_t inode_ = 0;  // of the socket file, to remove no other
};

}  // namespace voxeld
