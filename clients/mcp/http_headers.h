// What the headers of an MCP message that came over HTTP must say of it, whether it may be a batch,
// and the status of its answer.
//
// Threading: plain functions.
// Source:    modelcontextprotocol.io/specification/2026-07-28/basic/transports; batches:
//            .../2025-03-26/basic/transports
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "clients/mcp/message.h"
#include "clients/mcp/server.h"

namespace mcp {

// The headers of a POST; those that are absent are nullopt.
struct HttpHeaders {
  std::optional<std::string> version;  // MCP-Protocol-Version
  std::optional<std::string> method;   // Mcp-Method
  std::optional<std::string> name;     // Mcp-Name

  bool modern() const { return version == kModern; }
};

// The error if the headers do not fit to a message that came alone; null if they do.
nlohmann::json HeaderFault(const HttpHeaders& headers, const Message& message);

// Why an array is not taken; empty if it is. `session_version` is what its session agreed on, empty
// without one; `most` is how many messages are taken.
std::string BatchFault(const HttpHeaders& headers, const std::string& session_version,
                       const nlohmann::json& batch, size_t most);

// Of an answer that came alone. Since 2026-07-28 the status tells what the error is; before, there
// was an answer or none.
int HttpStatusOf(const nlohmann::json& answer, bool modern);

}  // namespace mcp
