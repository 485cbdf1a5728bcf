// `voxctl mcp`: MCP over standard input and output, one JSON-RPC message a line, its tools on the
// daemon's socket.
//
// Logs:    on standard error; standard output holds nothing but messages.
#pragma once

#include <deque>
#include <string>

#include "clients/api/api.h"
#include "clients/cli/json_socket.h"
#include "clients/mcp/message.h"
#include "clients/mcp/server.h"

namespace voxctl {

class McpBridge {
 public:
  // `files` is the directory that import_file and export_file may use. `actor` is who makes the
  // changes; empty: whoever the client says it is.
  McpBridge(const voxapi::Api& api, std::string socket, const std::string& files,
            std::string actor);

  // Serves until standard input ends. The exit code.
  int Run();

 private:
  using Json = nlohmann::json;

  // Reads once and appends the whole lines to waiting_. At the end of input, what stands behind the
  // last newline is a line too.
  void ReadMore();
  void Handle(const mcp::Message& message);
  // Runs a method of the daemon for the request `id`.
  Json Call(const std::string& method, Json params, const Json& id);
  // Looks through what came in while a call runs: answers pings and what is no request at once,
  // cancels the call if the client cancelled `id`, leaves the rest waiting.
  JsonSocket::Look LookMeanwhile(const Json& id);

  const voxapi::Api* const api_;
  const mcp::Server server_;
  const std::string actor_;
  std::string client_name_;  // as the latest introduction says
  JsonSocket socket_;
  std::string input_;  // the begin of a line
  std::deque<mcp::Message> waiting_;
  bool ended_ = false;
};

}  // namespace voxctl
