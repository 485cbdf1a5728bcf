// What systemd, or whatever else speaks its protocol, and this process tell each other: sockets
// that were opened for us, readiness, the watchdog, and where the log goes.
//
// Source:    sd_notify(3), sd_listen_fds(3), sd-daemon(3), systemd.exec(5) ($JOURNAL_STREAM). The
//            protocol is promised to be stable; see docs/decisions/0032-systemd.md for why there is
//            no library.
// Threading: Read before there are other threads; Tell from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/io/unique_fd.h"

namespace voxeld {

struct ListeningSocket {
  int fd = -1;
  int family = 0;       // AF_UNIX, AF_INET, AF_INET6
  std::string name;     // FileDescriptorName= of the socket unit
  std::string address;  // "/run/voxeld/voxeld.sock", "127.0.0.1:50051"
};

class ServiceManager {
 public:
  // From the environment. Sockets become close-on-exec and non-blocking.
  //   InvalidArgument  a socket that was passed is no listening stream socket, or a variable of the
  //                    protocol cannot be read
  static absl::StatusOr<ServiceManager> Read();

  // Sends "READY=1", "STOPPING=1", "STATUS=...", "WATCHDOG=1"; lines may be joined by '\n'. Nothing
  // if nobody listens.
  void Tell(std::string_view state) const;
  // As Tell, with what a reload must say when it begins.
  void TellReloading() const;

  bool listens() const { return notify_.ok(); }
  // It kills us if it does not hear WATCHDOG=1 for so long; zero: it does not care.
  absl::Duration watchdog() const { return watchdog_; }
  bool gives(int family) const;  // whether it passed a socket of that family
  const std::vector<ListeningSocket>& sockets() const { return sockets_; }

 private:
  absl::Status ReadSockets();
  absl::Status ReadWatchdog();
  absl::Status OpenNotify();

  UniqueFd notify_;
  absl::Duration watchdog_;
  std::vector<ListeningSocket> sockets_;
};

// Whether the descriptor is connected to the journal, which then understands priorities.
bool IsJournal(int fd);

}  // namespace voxeld
