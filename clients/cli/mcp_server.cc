#include "clients/cli/mcp_server.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "clients/cli/mcp_actor.h"

namespace voxctl {
namespace {

using Json = nlohmann::json;

constexpr char kModern[] = "2026-07-28";
constexpr const char* kLegacy[] = {"2025-11-25", "2025-06-18", "2025-03-26",
                                   "2024-11-05"};  // newest first
constexpr char kVersionKey[] = "io.modelcontextprotocol/protocolVersion";
constexpr char kClientKey[] = "io.modelcontextprotocol/clientInfo";
constexpr int64_t kToolsFreshMs = 3600000;  // the list never changes while the process runs

constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;
constexpr int kUnsupportedVersion = -32022;

constexpr char kInstructions[] =
    "voxeld edits voxel models. create_project first, build with apply_edits in few large steps, "
    "look at the result, "
    "undo what went wrong. +z is up; boxes are half-open.";

Json ErrorOf(int code, const std::string& message, const Json& data = nullptr) {
  Json error = {{"code", code}, {"message", message}};
  if (!data.is_null()) error["data"] = data;
  return {{"error", error}};
}

Json ServerInfo() {
  return {{"name", "voxeld"}, {"title", "voxeld voxel editor"}, {"version", "0.1.0"}};
}
Json Capabilities() { return {{"tools", {{"listChanged", false}}}}; }

// The version in a modern request's `_meta`; empty for a legacy one.
std::string VersionOf(const Json& params) {
  if (!params.is_object() || !params.contains("_meta") || !params["_meta"].is_object()) return {};
  const Json& version = params["_meta"].value(kVersionKey, Json());
  return version.is_string() ? version.get<std::string>() : std::string();
}

void Send(const Json& message) {
  const std::string line = message.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

McpServer::McpServer(const Api& api, std::string socket, const std::string& files,
                     std::string actor)
    : api_(&api),
      tools_(MakeMcpTools(api, files)),
      actor_(std::move(actor)),
      socket_(std::move(socket)) {}

bool McpServer::ReadMore() {
  char bytes[65536];
  const ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
  if (n < 0 && errno == EINTR) return true;
  if (n <= 0) {
    ended_ = true;
    return false;
  }
  input_.append(bytes, static_cast<size_t>(n));
  for (size_t end; (end = input_.find('\n')) != std::string::npos; input_.erase(0, end + 1)) {
    lines_.push_back(input_.substr(0, end));
  }
  return true;
}

bool McpServer::NextLine(std::string* line) {
  while (lines_.empty()) {
    if (ended_ || !ReadMore()) return false;
  }
  *line = std::move(lines_.front());
  lines_.pop_front();
  return true;
}

int McpServer::Run() {
  for (std::string line; NextLine(&line);) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) Handle(line);
  }
  return 0;
}

void McpServer::Handle(const std::string& line) {
  const Json message = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  Json reply = {{"jsonrpc", "2.0"}, {"id", nullptr}};
  if (!message.is_object()) {
    const bool batch = message.is_array();
    reply.update(
        batch ? ErrorOf(kInvalidRequest, "batches are not part of MCP; send one message a line")
              : ErrorOf(kParseError, "the line is no JSON"));
    return Send(reply);
  }
  if (!message.contains("id") || !message.contains("method"))
    return;  // a notification, or a reply to nothing we asked
  reply["id"] = message["id"];
  if (!message["method"].is_string()) {
    reply.update(ErrorOf(kInvalidRequest, "method is no string"));
    return Send(reply);
  }
  const Json params = message.value("params", Json::object());
  const std::string version = VersionOf(params);
  if (!version.empty() && version != kModern) {
    reply.update(ErrorOf(kUnsupportedVersion, "protocol version " + version + " is not supported",
                         {{"supported", {kModern}}, {"requested", version}}));
    return Send(reply);
  }
  if (!version.empty() && params["_meta"].contains(kClientKey))
    client_name_ = ActorOf(params["_meta"][kClientKey]);
  Json answer = Answer(message["method"], params, message["id"]);
  if (!version.empty() && answer.contains("result")) answer["result"]["resultType"] = "complete";
  reply.update(answer);
  Send(reply);
}

Json McpServer::Answer(const std::string& method, const Json& params, const Json& id) {
  if (method == "initialize") return {{"result", Initialize(params)}};
  if (method == "ping") return {{"result", Json::object()}};
  if (method == "server/discover") return {{"result", Discover()}};
  if (method == "tools/list") return {{"result", ListTools()}};
  if (method == "tools/call") return CallTool(params, id);
  return ErrorOf(kMethodNotFound, "no method " + method);
}

Json McpServer::Initialize(const Json& params) {
  if (params.is_object()) client_name_ = ActorOf(params.value("clientInfo", Json()));
  const std::string asked = params.is_object() ? params.value("protocolVersion", "") : "";
  const bool known = std::find(std::begin(kLegacy), std::end(kLegacy), asked) != std::end(kLegacy);
  return {{"protocolVersion", known ? asked : kLegacy[0]},
          {"capabilities", Capabilities()},
          {"serverInfo", ServerInfo()},
          {"instructions", kInstructions}};
}

Json McpServer::Discover() const {
  return {{"supportedVersions", {kModern}},
          {"capabilities", Capabilities()},
          {"instructions", kInstructions},
          {"ttlMs", kToolsFreshMs},
          {"cacheScope", "public"},
          {"_meta", {{"io.modelcontextprotocol/serverInfo", ServerInfo()}}}};
}

Json McpServer::ListTools() const {
  Json list = Json::array();
  for (const McpTool& tool : tools_) list.push_back(tool.description);
  return {{"tools", list}, {"ttlMs", kToolsFreshMs}, {"cacheScope", "public"}};
}

Json McpServer::CallTool(const Json& params, const Json& id) {
  const std::string name =
      params.is_object() && params.contains("name") && params["name"].is_string()
          ? params["name"].get<std::string>()
          : std::string();
  const auto tool = std::find_if(tools_.begin(), tools_.end(),
                                 [&](const McpTool& candidate) { return candidate.name == name; });
  if (tool == tools_.end()) return ErrorOf(kInvalidParams, "no tool \"" + name + "\"");
  const Json arguments = params.value("arguments", Json::object());
  if (!arguments.is_object()) return ErrorOf(kInvalidParams, "arguments is no object");
  const CallMethod call = [&](const std::string& method, Json request) -> Json {
    SetActor(*api_->Find(method), actor_.empty() ? client_name_ : actor_, &request);
    JsonSocket::Reply reply = socket_.Call(method, request, ended_ ? -1 : STDIN_FILENO,
                                           [&] { return CancelledMeanwhile(id); });
    if (reply.error.is_null()) return {{"result", std::move(reply.result)}};
    return {{"error", std::move(reply.error)}};
  };
  try {
    return {{"result", tool->run(arguments, call)}};
  } catch (const Json::exception& error) {  // an argument of another type than its schema says
    return {{"result",
             {{"isError", true},
              {"content",
               {{{"type", "text"}, {"text", std::string("INVALID_FIELD: ") + error.what()}}}}}}};
  }
}

bool McpServer::CancelledMeanwhile(const Json& id) {
  ReadMore();
  for (auto line = lines_.begin(); line != lines_.end(); ++line) {
    const Json message = Json::parse(*line, nullptr, /*allow_exceptions=*/false);
    if (!message.is_object() || message.value("method", "") != "notifications/cancelled") continue;
    const Json& params = message.value("params", Json::object());
    if (params.is_object() && params.value("requestId", Json()) == id) {
      lines_.erase(line);
      return true;
    }
  }
  return false;
}

}  // namespace voxctl
