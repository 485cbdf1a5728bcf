#include "clients/mcp/http_headers.h"

#include <string_view>

#include "clients/api/base64.h"

namespace mcp {
namespace {

using Json = nlohmann::json;

// An Mcp-Name that is no plain text: "=?base64?aG91c2U=?=". Others are what they say.
std::string Decoded(const std::string& header) {
  constexpr std::string_view kBegin = "=?base64?", kEnd = "?=";
  const std::string_view text = header;
  if (text.size() < kBegin.size() + kEnd.size() || !text.starts_with(kBegin) ||
      !text.ends_with(kEnd)) {
    return header;
  }
  const std::string_view coded =
      text.substr(kBegin.size(), text.size() - kBegin.size() - kEnd.size());
  const std::string bytes = voxapi::FromBase64(coded);
  return bytes.empty() ? header : bytes;
}

// The error if a header does not say what the body does.
Json Mismatch(const std::string& header, const std::optional<std::string>& said,
              const std::string& expected) {
  if (said == expected) return nullptr;
  const std::string is = said.has_value() ? "is \"" + said->substr(0, 80) + "\"" : "is missing";
  return Error(kHeaderMismatch, "the header " + header + " " + is + "; the body says \"" +
                                    expected.substr(0, 80) + "\"");
}

}  // namespace

Json HeaderFault(const HttpHeaders& headers, const Message& message) {
  const std::string version = VersionOf(message.params);
  if (!headers.modern() && version.empty()) {
    const bool spoken = !headers.version.has_value() || IsLegacy(*headers.version);
    return spoken ? Json() : UnsupportedVersion(headers.version->substr(0, 80));
  }
  // The specification leaves open what notifications carry.
  if (message.kind == Message::Kind::kNotification) return nullptr;
  if (Json fault = Mismatch("MCP-Protocol-Version", headers.version, version); !fault.is_null()) {
    return fault;
  }
  if (version != kModern) return UnsupportedVersion(version.substr(0, 80));
  if (Json fault = Mismatch("Mcp-Method", headers.method, message.method); !fault.is_null()) {
    return fault;
  }
  if (message.method != "tools/call") return nullptr;
  std::optional<std::string> name = headers.name;
  if (name.has_value()) name = Decoded(*name);
  return Mismatch("Mcp-Name", name, TextOf(message.params, "name"));
}

std::string BatchFault(const HttpHeaders& headers, const std::string& session_version,
                       const Json& batch, size_t most) {
  const std::string version =
      headers.version.value_or(session_version.empty() ? kBatching : session_version);
  if (version != kBatching) {
    return std::string("batches are part of revision ") + kBatching + " only, and this is " +
           version.substr(0, 40) + "; send single messages";
  }
  if (batch.empty()) return "the batch is empty";
  if (batch.size() <= most) return {};
  return "the batch has " + std::to_string(batch.size()) + " messages; at most " +
         std::to_string(most) + " are accepted";
}

int HttpStatusOf(const Json& answer, bool modern) {
  if (!modern || !answer.contains("error")) return 200;
  const int code = answer["error"]["code"].get<int>();
  if (code == kMethodNotFound) return 404;
  return code == kUnsupportedVersion || code == kHeaderMismatch ? 400 : 200;
}

}  // namespace mcp
