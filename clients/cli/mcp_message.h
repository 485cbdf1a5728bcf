// One line of an MCP client, with the type of every member checked. Nothing a client writes throws.
//
// Source:  jsonrpc.org/specification, modelcontextprotocol.io/specification (an id is never null)
#pragma once

#include <string>

#include "nlohmann/json.hpp"

namespace voxctl {

constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;

struct McpMessage {
  enum class Kind {
    kRequest,       // to be answered
    kNotification,  // nothing to answer
    kRefused,       // `refusal` is the answer
  };
  Kind kind = Kind::kRefused;
  nlohmann::json id;  // null if there is none that can be given back
  std::string method;
  nlohmann::json params = nlohmann::json::object();  // always an object
  nlohmann::json refusal;                            // {"error": {...}}
};

// A reply of another side, to which nothing was asked, reads as a notification without a method.
McpMessage ReadMcpMessage(const std::string& line);

// {"error": {"code", "message"}}, with "data" unless that is null.
nlohmann::json McpError(int code, const std::string& message, const nlohmann::json& data = nullptr);

// The member of that name; null if there is none or `object` is no object. TextOf: empty unless it
// is a string.
const nlohmann::json& MemberOf(const nlohmann::json& object, const char* name);
std::string TextOf(const nlohmann::json& object, const char* name);

}  // namespace voxctl
