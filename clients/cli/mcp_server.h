// `voxctl mcp`: the tools over standard input and output, one JSON-RPC message a line.
//
// Eras:    clients of the revisions up to 2025-11-25 open with `initialize`; since 2026-07-28 every
//          request says its version in `_meta` and there is no handshake. Both are served; a
//          request's `_meta` tells which it is.
// Source:  modelcontextprotocol.io/specification
// Logs:    on standard error; standard output holds nothing but messages.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "clients/cli/api.h"
#include "clients/cli/json_socket.h"
#include "clients/cli/mcp_message.h"
#include "clients/cli/mcp_tools.h"

namespace voxctl {

class McpServer {
 public:
  // `actor` is who makes the changes; empty: whoever the client says it is.
  McpServer(const Api& api, std::string socket, const std::string& files, std::string actor);

  // Serves until standard input ends. The exit code.
  int Run();

 private:
  using Json = nlohmann::json;

  // Reads once and appends the whole lines to waiting_. At the end of input, what stands behind the
  // last newline is a line too.
  void ReadMore();
  void Handle(const McpMessage& message);
  // Each of these gives {"result": ...} or {"error": ...}. Answer looks at the request's `_meta`.
  Json Answer(const McpMessage& message);
  Json Dispatch(const McpMessage& message);
  Json CallTool(const Json& params, const Json& id);
  Json Initialize(const Json& params);

  Json Discover() const;
  Json ListTools() const;
  // Looks through what came in while a call runs: answers pings and what is no request at once,
  // cancels the call if the client cancelled `id`, leaves the rest waiting.
  JsonSocket::Look LookMeanwhile(const Json& id);

  const Api* const api_;
  const std::vector<McpTool> tools_;
  const std::string actor_;
  std::string client_name_;  // as `initialize` or the latest request's `_meta` says
  JsonSocket socket_;
  std::string input_;  // the begin of a line
  std::deque<McpMessage> waiting_;
  bool ended_ = false;
};

}  // namespace voxctl
