#include "clients/mcp/message.h"

#include <utility>

namespace mcp {
namespace {

using Json = nlohmann::json;

// Deeper than any request is; what is copied and written recurses as deep.
constexpr int kMaxDepth = 128;

Message Refused(Json id, Json refusal) {
  Message message;
  message.id = std::move(id);
  message.refusal = std::move(refusal);
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

Json Error(int code, const std::string& message, const Json& data) {
  Json error = {{"code", code}, {"message", message}};
  if (!data.is_null()) error["data"] = data;
  return {{"error", error}};
}

Json Reply(const Json& id, Json answer) {
  answer["jsonrpc"] = "2.0";
  answer["id"] = id;
  return answer;
}

std::string Write(const Json& message) {
  return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& MemberOf(const Json& object, const char* name) {
  static const Json none;
  return object.is_object() && object.contains(name) ? object[name] : none;
}

std::string TextOf(const Json& object, const char* name) {
  const Json& member = MemberOf(object, name);
  return member.is_string() ? member.get<std::string>() : std::string();
}

Json ReadJson(const std::string& text, Json* refusal) {
  bool too_deep = false;
  const auto keep = [&](int depth, Json::parse_event_t, const Json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return depth <= kMaxDepth;
  };
  Json json = Json::parse(text, keep, /*allow_exceptions=*/false);
  if (too_deep) *refusal = Error(kInvalidRequest, "the message is nested too deeply");
  if (!too_deep && json.is_discarded()) *refusal = Error(kParseError, "the message is no JSON");
  return json;
}

Message ReadMessage(const std::string& text) {
  Json refusal;
  const Json json = ReadJson(text, &refusal);
  return refusal.is_null() ? ReadMessage(json) : Refused(nullptr, std::move(refusal));
}

Message ReadMessage(const Json& json) {
  const auto refused = [](Json id, const char* why) {
    return Refused(std::move(id), Error(kInvalidRequest, why));
  };
  if (json.is_array()) return refused(nullptr, "batches are not taken here; send single messages");
  if (!json.is_object()) return refused(nullptr, "a message is an object");
  Json id = MemberOf(json, "id");
  if (!id.is_string() && !id.is_number()) id = nullptr;
  if (const char* fault = Fault(json); fault != nullptr) return refused(std::move(id), fault);
  Message message;
  message.method = TextOf(json, "method");
  const bool is_request = !id.is_null() && !message.method.empty();
  message.kind = is_request ? Message::Kind::kRequest : Message::Kind::kNotification;
  message.id = std::move(id);
  if (json.contains("params")) message.params = json["params"];
  return message;
}

}  // namespace mcp
