// What all MCP exchanges share: the tools, the sessions, the limits, and the JSON-RPC door, on
// which the tools' calls go.
//
// Threading: the poller's thread, but for server(), which any may call.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/call_once.h"
#include "absl/container/flat_hash_set.h"
#include "clients/mcp/server.h"
#include "daemon/net/json_door.h"
#include "daemon/net/mcp_sessions.h"

namespace voxeld {

class McpExchange;

struct McpLimits {
  size_t max_body_bytes = 1 << 20;  // what is read takes some 20 times as much
  int max_batch = 32;
  size_t max_sessions = 1024;
  size_t max_sessions_of_peer = 256;  // of a user, or of a token
};

class McpDoor {
 public:
  // `version` is the daemon's.
  McpDoor(JsonDoor* json_in, std::string version, const McpLimits& limits_in)
      : json(json_in),
        limits(limits_in),
        sessions(limits_in.max_sessions, limits_in.max_sessions_of_peer),
        version_(std::move(version)) {}

  // Made when first asked for, of the API's descriptors, which takes some 30 ms and 4 MB:
  // a daemon that no agent uses goes without.
  const mcp::Server& server();

  JsonDoor* const json;
  const McpLimits limits;
  McpSessions sessions;
  absl::flat_hash_set<std::shared_ptr<McpExchange>> exchanges;  // those that run

  // Cancels the request of that session with that id ("7", "\"a\""), if it is here.
  void Cancel(std::string_view session, const std::string& request_id);
  // Asks everything that runs to stop, as the daemon does.
  void CancelAll();
  bool idle() const { return exchanges.empty(); }

 private:
  const std::string version_;
  absl::once_flag once_;
  std::unique_ptr<const mcp::Server> server_;
};

}  // namespace voxeld
