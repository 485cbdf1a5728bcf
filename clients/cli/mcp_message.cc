#include "clients/cli/mcp_message.h"

#include <utility>

namespace voxctl {
namespace {

using Json = nlohmann::json;

// Deeper than any request is; what is copied and written recurses as deep.
constexpr int kMaxDepth = 128;

McpMessage Refused(Json id, int code, const std::string& why) {
  McpMessage message;
  message.id = std::move(id);
  message.refusal = McpError(code, why);
  return message;
}

// What stands in the way of `json` being a request or a notification; nullptr if nothing does.
const char* Fault(const Json& json) {
  if (TextOf(json, "jsonrpc") != "2.0") return "jsonrpc must be \"2.0\"";
  if (json.contains("id") && !json["id"].is_string() && !json["id"].is_number())
    return "id must be a string or a number";
  const bool is_reply = json.contains("result") || json.contains("error");
  if (!json.contains("method")) return is_reply ? nullptr : "method is missing";
  if (!json["method"].is_string()) return "method must be a string";
  if (json.contains("params") && !json["params"].is_object()) return "params must be an object";
  return nullptr;
}

}  // namespace

Json McpError(int code, const std::string& message, const Json& data) {
  Json error = {{"code", code}, {"message", message}};
  if (!data.is_null()) error["data"] = data;
  return {{"error", error}};
}

const Json& MemberOf(const Json& object, const char* name) {
  static const Json none;
  return object.is_object() && object.contains(name) ? object[name] : none;
}

std::string TextOf(const Json& object, const char* name) {
  const Json& member = MemberOf(object, name);
  return member.is_string() ? member.get<std::string>() : std::string();
}

McpMessage ReadMcpMessage(const std::string& line) {
  bool too_deep = false;
  const auto keep = [&](int depth, Json::parse_event_t, const Json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return depth <= kMaxDepth;
  };
  const Json json = Json::parse(line, keep, /*allow_exceptions=*/false);
  if (too_deep) return Refused(nullptr, kInvalidRequest, "the message is nested too deeply");
  if (json.is_discarded()) return Refused(nullptr, kParseError, "the line is no JSON");
  if (json.is_array())
    return Refused(nullptr, kInvalidRequest,
                   "batches are not part of MCP; send one message a line");
  if (!json.is_object()) return Refused(nullptr, kInvalidRequest, "a message is an object");
  Json id = MemberOf(json, "id");
  if (!id.is_string() && !id.is_number()) id = nullptr;
  if (const char* fault = Fault(json); fault != nullptr)
    return Refused(std::move(id), kInvalidRequest, fault);
  McpMessage message;
  message.method = TextOf(json, "method");
  const bool is_request = !id.is_null() && !message.method.empty();
  message.kind = is_request ? McpMessage::Kind::kRequest : McpMessage::Kind::kNotification;
  message.id = std::move(id);
  if (json.contains("params")) message.params = json["params"];
  return message;
}

}  // namespace voxctl
