// MCP without a transport: one message in, its answer out. `voxctl mcp` carries it over standard
// input and output, the daemon over HTTP.
//
// Eras:      clients of the revisions up to 2025-11-25 open with `initialize`; since 2026-07-28
//            every request says its version in `_meta` and there is no handshake. Both are served;
//            a request's `_meta` tells which it is.
// Threading: immutable after construction.
// Source:    modelcontextprotocol.io/specification
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/mcp/message.h"
#include "clients/mcp/tools.h"

namespace mcp {

constexpr char kModern[] = "2026-07-28";
// The one whose transport took batches; clients older than the header that says the version count
// as of it.
constexpr char kBatching[] = "2025-03-26";

constexpr int kHeaderMismatch = -32020;
constexpr int kUnsupportedVersion = -32022;

// Whether `initialize` may agree on that version.
bool IsLegacy(std::string_view version);
// The version in a modern request's `_meta`; empty for a legacy one.
std::string VersionOf(const nlohmann::json& params);
// The error for a version that is not spoken.
nlohmann::json UnsupportedVersion(const std::string& version);

// The name under which a request introduces its client, as an actor is called (actor.h): that of
// `initialize`, or since 2026-07-28 of any request. None if it says nothing about it.
std::optional<std::string> Introduction(const Message& request);

// The answer to a ping, which needs no tools.
nlohmann::json Pong(const Message& ping);

class Server {
 public:
  // `version` is the program's.
  Server(std::vector<Tool> tools, std::string version);

  // Answers a request: `done` gets {"result": ...} or {"error": ...}, once, when `call` lets it.
  // Whatever a tool throws ends that tool, with an answer that says so. REQUIRES: kind is kRequest;
  // `done` does not throw; this lives until then.
  void Answer(const Message& request, const CallMethod& call, const Then& done) const;

 private:
  void Dispatch(const Message& request, const CallMethod& call, const Then& done) const;
  void CallTool(const nlohmann::json& params, const CallMethod& call, const Then& done) const;
  nlohmann::json Initialize(const nlohmann::json& params) const;
  nlohmann::json Discover() const;
  nlohmann::json ListTools() const;
  nlohmann::json Info() const;

  const std::vector<Tool> tools_;
  const std::string version_;
};

// One for who does not have the API's descriptors: they are read for it, and given up again.
std::unique_ptr<const Server> MakeServer(const FileTools& files, std::string version);

}  // namespace mcp
