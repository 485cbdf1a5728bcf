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

  // The next message of the client; false at the end of input. Reads at most once if there is no
  // whole line yet.
  bool NextLine(std::string* line);
  bool ReadMore();
  void Handle(const std::string& line);
  // {"result": ...} or {"error": ...}.
  Json Answer(const std::string& method, const Json& params, const Json& id);
  Json CallTool(const Json& params, const Json& id);
  Json Initialize(const Json& params);
  Json Discover() const;
  Json ListTools() const;
  // Looks through what came in while a call runs; true if the client cancelled `id`.
  bool CancelledMeanwhile(const Json& id);

  const Api* const api_;
  const std::vector<McpTool> tools_;
  const std::string actor_;
  std::string client_name_;  // as `initialize` or the latest request's `_meta` says
  JsonSocket socket_;
  std::string input_;
  std::deque<std::string> lines_;  // whole lines that wait
  bool ended_ = false;
};

}  // namespace voxctl
