#include "clients/mcp/actor.h"

namespace mcp {
namespace {

using google::protobuf::Descriptor;
using Json = nlohmann::json;

constexpr size_t kMaxActorBytes = 128;

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

void SetWriteActor(const Descriptor* type, const std::string& actor, Json* message) {
  if (type->FindFieldByName("write") == nullptr || !message->is_object()) return;
  Json& write = (*message)["write"];
  if (write.is_null() || write.is_object()) write["actor"] = actor;
}

}  // namespace

std::string ActorOf(const Json& client_info) {
  if (!client_info.is_object() || !client_info.value("name", Json()).is_string()) return {};
  std::string actor;
  for (const char c : client_info["name"].get<std::string>()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_space = byte <= 0x20 || byte == 0x7f;
    if (!is_space) actor += c;
    if (is_space && !actor.empty() && actor.back() != ' ') actor += ' ';
  }
  if (actor.size() > kMaxActorBytes) {
    size_t end = kMaxActorBytes;
    while (end > 0 && IsContinuation(actor[end])) --end;  // no half character
    actor.resize(end);
  }
  if (!actor.empty() && actor.back() == ' ') actor.pop_back();
  return actor;
}

void SetActor(const Descriptor* request, const std::string& actor, Json* params) {
  if (actor.empty()) return;
  SetWriteActor(request, actor, params);
  // An upload's parts: the header comes first.
  const auto* header = request->FindFieldByName("header");
  if (header == nullptr || !params->is_array() || params->empty()) return;
  Json& first = params->front();
  if (first.is_object() && first.contains("header"))
    SetWriteActor(header->message_type(), actor, &first["header"]);
}

}  // namespace mcp
