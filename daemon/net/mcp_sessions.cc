#include "daemon/net/mcp_sessions.h"

#include <iterator>
#include <utility>

#include "daemon/runtime/random_uid.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

std::string McpSessions::Open(McpSession session) {
  MakeRoomFor(session.peer);
  Entries& own = peers_[session.peer];
  own.push_front({RandomUid(), std::move(session)});
  by_id_.emplace(own.front().id, own.begin());
  return own.front().id;
}

void McpSessions::MakeRoomFor(const std::string& peer) {
  auto from = peers_.find(peer);
  const size_t own = from == peers_.end() ? 0 : from->second.size();
  if (own < most_of_peer_) {
    if (by_id_.size() < most_) return;
    for (auto other = peers_.begin(); other != peers_.end(); ++other) {
      if (from == peers_.end() || other->second.size() > from->second.size()) from = other;
    }
  }
  Remove(from, std::prev(from->second.end()));
}

void McpSessions::Remove(Peers::iterator of, Entries::iterator entry) {
  by_id_.erase(entry->id);
  of->second.erase(entry);
  if (of->second.empty()) peers_.erase(of);
}

absl::StatusOr<McpSessions::Entries::iterator> McpSessions::Find(std::string_view id,
                                                                 std::string_view peer) {
  const auto found = by_id_.find(id);
  if (found != by_id_.end() && found->second->session.peer == peer) return found->second;
  return voxel::Error(voxel::Reason::SESSION_NOT_FOUND,
                      voxel::StrCat("Mcp-Session-Id is \"", id.substr(0, 40),
                                    "\", which is no session of yours; begin one by initialize"));
}

absl::StatusOr<McpSession> McpSessions::Use(std::string_view id, std::string_view peer) {
  VOXEL_ASSIGN_OR_RETURN(const Entries::iterator entry, Find(id, peer));
  Entries& own = peers_.find(entry->session.peer)->second;
  own.splice(own.begin(), own, entry);
  return entry->session;
}

absl::Status McpSessions::End(std::string_view id, std::string_view peer) {
  VOXEL_ASSIGN_OR_RETURN(const Entries::iterator entry, Find(id, peer));
  Remove(peers_.find(entry->session.peer), entry);
  return absl::OkStatus();
}

}  // namespace voxeld
