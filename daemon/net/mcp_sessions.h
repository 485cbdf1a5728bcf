// The sessions of MCP clients that opened with `initialize`: who they said they are. Clients of
// later revisions have none.
//
// Limits:    `most` of them; a new one takes the place of that which was used longest ago. Some 300
//            bytes each.
// Threading: the poller's thread.
// Source:    modelcontextprotocol.io/specification/2025-11-25/basic/transports, "Session
// Management"
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

namespace voxeld {

struct McpSession {
  std::string peer;     // who opened it: nobody else may use it
  std::string client;   // the name the client gave itself
  std::string version;  // of the protocol, as agreed
};

class McpSessions {
 public:
  // REQUIRES: most >= 1.
  explicit McpSessions(size_t most) : most_(most) {}

  // Opens one; returns its id, which cannot be guessed.
  std::string Open(McpSession session);
  // What is known of it. SESSION_NOT_FOUND unless `peer` opened it and it is open.
  absl::StatusOr<McpSession> Use(std::string_view id, std::string_view peer);
  // Ends it. SESSION_NOT_FOUND as above.
  absl::Status End(std::string_view id, std::string_view peer);
  size_t size() const { return by_id_.size(); }

 private:
  struct Entry {
    std::string id;
    McpSession session;
  };
  using Entries = std::list<Entry>;
  absl::StatusOr<Entries::iterator> Find(std::string_view id, std::string_view peer);

  const size_t most_;
  Entries entries_;                                                 // the one used last in front
  absl::flat_hash_map<std::string_view, Entries::iterator> by_id_;  // the entries' own texts
};

}  // namespace voxeld
