// One JSON-RPC message of an MCP client, with the type of every member checked. Nothing a client
// writes throws.
//
// Source:  jsonrpc.org/specification, modelcontextprotocol.io/specification (an id is never null)
#pragma once

#include <string>

#include "nlohmann/json.hpp"

namespace mcp {

constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;

struct Message {
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
Message ReadMessage(const nlohmann::json& json);
// What is no JSON, and what is nested too deeply, is refused.
Message ReadMessage(const std::string& text);

// The JSON of a text; if it is none, or nested too deeply, *refusal is what to answer and the
// result is of no use.
nlohmann::json ReadJson(const std::string& text, nlohmann::json* refusal);

// {"error": {"code", "message"}}, with "data" unless that is null.
nlohmann::json Error(int code, const std::string& message, const nlohmann::json& data = nullptr);
// The line, or the body, of an answer: {"result": ...} or {"error": ...} to `id`.
nlohmann::json Reply(const nlohmann::json& id, nlohmann::json answer);
// The bytes of a message. Text that is no UTF-8 is put right.
std::string Write(const nlohmann::json& message);

// The member of that name; null if there is none or `object` is no object. TextOf: empty unless it
// is a string.
const nlohmann::json& MemberOf(const nlohmann::json& object, const char* name);
std::string TextOf(const nlohmann::json& object, const char* name);

}  // namespace mcp
