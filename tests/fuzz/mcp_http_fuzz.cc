// MCP over HTTP: the headers and the body of a POST, the messages in it, the tools they ask for,
// and what each answers, with every promise of the parts on the way checked. The first byte chooses
// what the tools' calls are answered; then come lines of headers, an empty line, and the body.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/api/api.h"
#include "clients/mcp/actor.h"
#include "clients/mcp/http_headers.h"
#include "clients/mcp/rpc_reply.h"
#include "clients/mcp/server.h"
#include "daemon/wire/http_parser.h"
#include "daemon/wire/jsonrpc.h"
#include "voxel/base/check.h"

namespace voxeld {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostMessages = 8;
constexpr int kMostCalls = 4;  // of one tool, by far

// What calls are answered by the JSON-RPC door; a stream in lines.
constexpr std::string_view kAnswers[] = {
    R"({"jsonrpc":"2.0","id":1,"result":{"revision":7,"change":{"voxels_changed":3},"done":1}})",
    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"no project \"a\"",)"
    R"("data":{"reason":"PROJECT_NOT_FOUND","field":"project"}}})",
    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"no more is said"}})",
    R"({"jsonrpc":"2.0","id":1,"result":{}})",
    R"({"jsonrpc":"2.0","id":1,"result":{"text":"..#\n.#.","legend":[]}})",
    R"({"jsonrpc":"2.0","id":1,"result":{"png":"iVBORw0KGgo=","views":[]}})",
    R"({"jsonrpc":"2.0","id":1,"result":{"preview":{"png":"iVBORw0KGgo="}}})",
    R"({"jsonrpc":"2.0","id":1,"result":{"subscription":5}}
{"jsonrpc":"2.0","method":"rpc.item","params":{"subscription":5,"item":{"file":"a.vox","bytes":7}}}
{"jsonrpc":"2.0","method":"rpc.end","params":{"subscription":5}})",
};

struct Tools {
  voxapi::Api api;
  mcp::Server server{mcp::MakeTools(api, mcp::DaemonFiles()), "fuzz"};
};

const Tools& TheTools() {
  static const Tools* const tools = new Tools;
  return *tools;
}

void CheckAnswer(const Json& id, const Json& answer) {
  VOXEL_CHECK(answer.is_object() && answer.contains("result") != answer.contains("error"));
  if (answer.contains("error")) {
    VOXEL_CHECK(answer["error"]["code"].is_number_integer());
    VOXEL_CHECK(!answer["error"]["message"].get<std::string>().empty());
  }
  // It can be written, and says what was said.
  const Json read = Json::parse(mcp::Write(mcp::Reply(id, answer)), nullptr, false);
  VOXEL_CHECK(read.is_object() && read["jsonrpc"] == "2.0");
  VOXEL_CHECK(read["id"] == id);
}

// One request: its calls are what the JSON-RPC door reads as one call each, and it is answered
// once.
class Exchange {
 public:
  Exchange(const mcp::Message& request, uint8_t answers) : request_(request), next_(answers) {}

  Json Run() {
    const std::string client = mcp::Introduction(request_).value_or("mason");
    VOXEL_CHECK(client.size() <= 128);
    Json got;
    int answered = 0;
    TheTools().server.Answer(
        request_,
        [&](const std::string& method, Json params, const mcp::Then& then) {
          VOXEL_CHECK(answered == 0 && ++calls_ <= kMostCalls);
          then(Call(method, std::move(params), client));
        },
        [&](Json answer) {
          ++answered;
          got = std::move(answer);
        });
    VOXEL_CHECK(answered == 1);
    CheckAnswer(request_.id, got);
    return got;
  }

 private:
  Json Call(const std::string& method, Json params, const std::string& client) {
    const voxapi::ApiMethod* const found = TheTools().api.Find(method);
    VOXEL_CHECK(found != nullptr);
    mcp::SetActor(found->descriptor->input_type(), client, &params);
    const std::string line =
        mcp::Write({{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}});
    VOXEL_CHECK(line.find('\n') == line.npos);
    JsonRpcParser parser(1);
    JsonRpcLine parsed;
    parser.Parse(line, &parsed);
    VOXEL_CHECK(!parsed.batch && parsed.calls.size() == 1 && parsed.calls[0].error.ok());
    VOXEL_CHECK(parsed.calls[0].id == "1" && parsed.calls[0].method == method);
    mcp::RpcReply reply(1);
    std::string_view lines = kAnswers[next_++ % std::size(kAnswers)];
    while (!reply.done()) {
      const size_t end = std::min(lines.find('\n'), lines.size());
      VOXEL_CHECK(reply.Take(Json::parse(lines.substr(0, end))));
      lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return std::move(reply).Answer();
  }

  const mcp::Message& request_;
  size_t next_;  // answer
  int calls_ = 0;
};

void CheckMessage(const mcp::HttpHeaders& headers, const mcp::Message& message, bool alone,
                  uint8_t answers) {
  VOXEL_CHECK(message.params.is_object());
  if (message.kind == mcp::Message::Kind::kRefused) return CheckAnswer(message.id, message.refusal);
  if (alone) {
    if (const Json fault = mcp::HeaderFault(headers, message); !fault.is_null()) {
      VOXEL_CHECK(!(message.kind == mcp::Message::Kind::kNotification && headers.modern()));
      return CheckAnswer(message.id, fault);
    }
  }
  if (message.kind != mcp::Message::Kind::kRequest) return;
  VOXEL_CHECK(message.id.is_string() || message.id.is_number());
  const Json answer = Exchange(message, answers).Run();
  const int status = mcp::HttpStatusOf(answer, headers.modern());
  VOXEL_CHECK(status == 200 || (headers.modern() && (status == 404 || status == 400)));
}

void CheckBody(const mcp::HttpHeaders& headers, const std::string& body, uint8_t answers) {
  Json refusal;
  const Json json = mcp::ReadJson(body, &refusal);
  if (!refusal.is_null()) return CheckAnswer(nullptr, refusal);
  if (!json.is_array()) return CheckMessage(headers, mcp::ReadMessage(json), true, answers);
  if (!mcp::BatchFault(headers, "", json, kMostMessages).empty()) return;
  VOXEL_CHECK(!json.empty() && json.size() <= kMostMessages);
  for (const Json& entry : json) CheckMessage(headers, mcp::ReadMessage(entry), false, answers);
}

std::optional<std::string> Header(const HttpRequest& request, std::string_view name) {
  const auto value = request.Header(name);
  return value.has_value() ? std::optional<std::string>(*value) : std::nullopt;
}

void CheckPost(std::string_view text, uint8_t answers) {
  std::string post = "POST /mcp HTTP/1.1\r\nHost: localhost\r\n";
  const size_t own = post.size();
  for (;;) {
    const size_t end = text.find('\n');
    if (end == text.npos) return;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.empty()) break;
    post.append(line).append("\r\n");
  }
  const bool plain = post.size() == own;
  const std::string_view body = text;
  post += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  post += body;
  HttpParser parser{HttpLimits()};
  size_t used = 0;
  if (parser.Feed(post, &used) != HttpParser::State::kComplete) {
    VOXEL_CHECK(!plain);  // only headers of the input can be what is wrong
    return;
  }
  const HttpRequest& request = parser.request();
  CheckBody({.version = Header(request, "MCP-Protocol-Version"),
             .method = Header(request, "Mcp-Method"),
             .name = Header(request, "Mcp-Name")},
            std::string(request.body), answers);
}

}  // namespace
}  // namespace voxeld

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  voxeld::CheckPost({reinterpret_cast<const char*>(data) + 1, size - 1}, data[0]);
  return 0;
}
