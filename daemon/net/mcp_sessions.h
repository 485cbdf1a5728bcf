// The sessions of MCP clients that opened with `initialize`: who they said they are. Clients of
// later revisions have none.
//
// Limits:    a peer has so many at most, and there are so many in all. A new one takes the place of
//            that which its peer used longest ago, or, if all places are taken, of such a one of
//            the peer that has the most: who opens many loses them, and nobody else does. Some 300
//            bytes each.
// Threading: the poller's thread.
// Source:    modelcontextprotocol.io/specification/2025-11-25/basic/transports, "Session
// Management"
#pragma once

#include <cstddef>
#include <list>
#include <map>
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
  // REQUIRES: both >= 1.
  McpSessions(size_t most, size_t most_of_peer) : most_(most), most_of_peer_(most_of_peer) {}

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
  using Entries = std::list<Entry>;  // of one peer, the one used last in front
  using Peers = std::map<std::string, Entries>;

  absl::StatusOr<Entries::iterator> Find(std::string_view id, std::string_view peer);
  void MakeRoomFor(const std::string& peer);
  void Remove(Peers::iterator of, Entries::iterator entry);

  const size_t most_;
  const size_t most_of_peer_;
  Peers peers_;                                                     // those that have any
  absl::flat_hash_map<std::string_view, Entries::iterator> by_id_;  // the entries' own texts
};

}  // namespace voxeld
