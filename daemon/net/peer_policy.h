// Who may use the Unix socket: the daemon's own user and root, and whoever is listed, by the
// credentials that the kernel vouches for.
//
// Source:    unix(7): SO_PEERCRED; socket(7): SO_PEERGROUPS. Both say who connected, whoever holds
//            the socket since.
// Threading: immutable.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace voxeld {

class PeerPolicy {
 public:
  // Names or numbers of users and groups. InvalidArgument: one that this system does not know; the
  // message begins with it.
  static absl::StatusOr<PeerPolicy> Make(const std::vector<std::string>& users,
                                         const std::vector<std::string>& groups);

  // "uid:1000". PermissionDenied, with the user and process, for who is not served. A member of a
  // listed group is served whether it is the process's first group or a supplementary one.
  absl::StatusOr<std::string> Admit(int socket) const;

 private:
  bool InListedGroup(int socket, gid_t first) const;

  std::set<uid_t> users_ = {0, geteuid()};
  std::set<gid_t> groups_;
};

// InvalidArgument as Make.
absl::StatusOr<gid_t> GroupNamed(const std::string& name);

}  // namespace voxeld
