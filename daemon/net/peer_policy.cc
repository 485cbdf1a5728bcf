#include "daemon/net/peer_policy.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <optional>

#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr size_t kRecordBytes = 64 << 10;  // of a group with many members, too

std::optional<uint32_t> Id(const std::string& text) {
  uint32_t id = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  // The last one means "none" to the system.
  return whole && id != UINT32_MAX ? std::optional<uint32_t>(id) : std::nullopt;
}

absl::StatusOr<uid_t> UserNamed(const std::string& name) {
  if (const auto id = Id(name); id.has_value()) return *id;
  std::vector<char> record(kRecordBytes);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwnam_r(name.c_str(), &entry, record.data(), record.size(), &found) != 0 ||
      found == nullptr) {
    return absl::InvalidArgumentError(voxel::StrCat(name, ": no such user"));
  }
  return found->pw_uid;
}

}  // namespace

absl::StatusOr<gid_t> GroupNamed(const std::string& name) {
  if (const auto id = Id(name); id.has_value()) return *id;
  std::vector<char> record(kRecordBytes);
  group entry{};
  group* found = nullptr;
  if (getgrnam_r(name.c_str(), &entry, record.data(), record.size(), &found) != 0 ||
      found == nullptr) {
    return absl::InvalidArgumentError(voxel::StrCat(name, ": no such group"));
  }
  return found->gr_gid;
}

absl::StatusOr<PeerPolicy> PeerPolicy::Make(const std::vector<std::string>& users,
                                            const std::vector<std::string>& groups) {
  PeerPolicy policy;
  for (const std::string& name : users) {
    VOXEL_ASSIGN_OR_RETURN(const uid_t user, UserNamed(name));
    policy.users_.insert(user);
  }
  for (const std::string& name : groups) {
    VOXEL_ASSIGN_OR_RETURN(const gid_t group, GroupNamed(name));
    policy.groups_.insert(group);
  }
  return policy;
}

absl::StatusOr<std::string> PeerPolicy::Admit(int socket) const {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return absl::PermissionDeniedError("a peer without credentials");
  }
  if (users_.count(peer.uid) == 0 && !InListedGroup(socket, peer.gid)) {
    return absl::PermissionDeniedError(
        voxel::StrCat("uid ", peer.uid, " (process ", peer.pid, ")"));
  }
  return voxel::StrCat("uid:", peer.uid);
}

bool PeerPolicy::InListedGroup(int socket, gid_t first) const {
  if (groups_.empty()) return false;
  if (groups_.count(first) != 0) return true;
  std::vector<gid_t> others(64);
  for (;;) {
    auto size = static_cast<socklen_t>(others.size() * sizeof(gid_t));
    const int result = getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, others.data(), &size);
    if (result != 0 && errno == ERANGE && size > others.size() * sizeof(gid_t)) {
      others.resize(size / sizeof(gid_t));
      continue;
    }
    if (result != 0) return false;
    others.resize(size / sizeof(gid_t));
    break;
  }
  for (const gid_t group : others) {
    if (groups_.count(group) != 0) return true;
  }
  return false;
}

}  // namespace voxeld
