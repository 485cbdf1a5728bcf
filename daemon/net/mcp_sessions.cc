#include "daemon/net/mcp_sessions.h"

#include <utility>

#include "daemon/runtime/random_uid.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

std::string McpSessions::Open(McpSession session) {
  if (by_id_.size() >= most_) {
    by_id_.erase(entries_.back().id);
    entries_.pop_back();
  }
  entries_.push_front({RandomUid(), std::move(session)});
  by_id_.emplace(entries_.front().id, entries_.begin());
  return entries_.front().id;
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
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->session;
}

absl::Status McpSessions::End(std::string_view id, std::string_view peer) {
  VOXEL_ASSIGN_OR_RETURN(const Entries::iterator entry, Find(id, peer));
  by_id_.erase(entry->id);
  entries_.erase(entry);
  return absl::OkStatus();
}

}  // namespace voxeld
