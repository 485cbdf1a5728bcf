#include "clients/cli/mcp_server.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <utility>

#include "clients/cli/mcp_actor.h"
#include "clients/cli/version.h"

namespace voxctl {
namespace {

using Json = nlohmann::json;

constexpr char kModern[] = "2026-07-28";
constexpr const char* kLegacy[] = {"2025-11-25", "2025-06-18", "2025-03-26",
                                   "2024-11-05"};  // newest first
constexpr char kVersionKey[] = "io.modelcontextprotocol/protocolVersion";
constexpr char kClientKey[] = "io.modelcontextprotocol/clientInfo";
constexpr int64_t kToolsFreshMs = 3600000;  // the list never changes while the process runs

constexpr int kUnsupportedVersion = -32022;

constexpr char kInstructions[] =
    "voxeld edits voxel models. create_project first, build with apply_edits in few large steps, "
    "look at the result, "
    "undo what went wrong. +z is up; boxes are half-open.";

Json ServerInfo() {
  return {{"name", "voxeld"}, {"title", "voxeld voxel editor"}, {"version", Version()}};
}
Json Capabilities() { return {{"tools", {{"listChanged", false}}}}; }

// The version in a modern request's `_meta`; empty for a legacy one.
std::string VersionOf(const Json& params) { return TextOf(MemberOf(params, "_meta"), kVersionKey); }

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

void McpServer::ReadMore() {
  char bytes[65536];
  const ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
  if (n < 0 && errno == EINTR) return;
  ended_ = n <= 0;
  size_t unseen = input_.size();
  if (!ended_) input_.append(bytes, static_cast<size_t>(n));
  if (ended_ && !input_.empty()) input_ += '\n';
  size_t begin = 0;
  for (size_t end; (end = input_.find('\n', unseen)) != std::string::npos; unseen = begin) {
    const std::string line = input_.substr(begin, end - begin);
    if (line.find_first_not_of(" \t\r") != std::string::npos)
      waiting_.push_back(ReadMcpMessage(line));
    begin = end + 1;
  }
  input_.erase(0, begin);
}

int McpServer::Run() {
  for (;;) {
    while (waiting_.empty() && !ended_) ReadMore();
    if (waiting_.empty()) return 0;
    const McpMessage message = std::move(waiting_.front());
    waiting_.pop_front();
    Handle(message);
  }
}

void McpServer::Handle(const McpMessage& message) {
  if (message.kind == McpMessage::Kind::kNotification) return;
  Json reply = {{"jsonrpc", "2.0"}, {"id", message.id}};
  const bool refused = message.kind == McpMessage::Kind::kRefused;
  reply.update(refused ? message.refusal : Answer(message));
  Send(reply);
}

Json McpServer::Answer(const McpMessage& message) {
  const Json& params = message.params;
  const std::string version = VersionOf(params);
  if (!version.empty() && version != kModern) {
    return McpError(kUnsupportedVersion, "protocol version " + version + " is not supported",
                    {{"supported", {kModern}}, {"requested", version}});
  }
  if (const Json& client = MemberOf(MemberOf(params, "_meta"), kClientKey);
      !version.empty() && !client.is_null()) {
    client_name_ = ActorOf(client);
  }
  Json answer = Dispatch(message);
  if (!version.empty() && answer.contains("result")) answer["result"]["resultType"] = "complete";
  return answer;
}

Json McpServer::Dispatch(const McpMessage& message) {
  const std::string& method = message.method;
  if (method == "initialize") return Initialize(message.params);
  if (method == "ping") return {{"result", Json::object()}};
  if (method == "server/discover") return {{"result", Discover()}};
  if (method == "tools/list") return {{"result", ListTools()}};
  if (method == "tools/call") return CallTool(message.params, message.id);
  return McpError(kMethodNotFound, "no method " + method);
}

Json McpServer::Initialize(const Json& params) {
  if (params.contains("protocolVersion") && !params["protocolVersion"].is_string())
    return McpError(kInvalidParams, "protocolVersion must be a string");
  client_name_ = ActorOf(MemberOf(params, "clientInfo"));
  const std::string asked = TextOf(params, "protocolVersion");
  const bool known = std::find(std::begin(kLegacy), std::end(kLegacy), asked) != std::end(kLegacy);
  return {{"result",
           {{"protocolVersion", known ? asked : kLegacy[0]},
            {"capabilities", Capabilities()},
            {"serverInfo", ServerInfo()},
            {"instructions", kInstructions}}}};
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
  const std::string name = TextOf(params, "name");
  const auto tool = std::find_if(tools_.begin(), tools_.end(),
                                 [&](const McpTool& candidate) { return candidate.name == name; });
  if (tool == tools_.end()) return McpError(kInvalidParams, "no tool \"" + name + "\"");
  const Json arguments = params.contains("arguments") ? params["arguments"] : Json::object();
  if (!arguments.is_object()) return McpError(kInvalidParams, "arguments must be an object");
  const CallMethod call = [&](const std::string& method, Json request) -> Json {
    SetActor(*api_->Find(method), actor_.empty() ? client_name_ : actor_, &request);
    JsonSocket::Reply reply = socket_.Call(method, request, ended_ ? -1 : STDIN_FILENO,
                                           [&] { return LookMeanwhile(id); });
    if (reply.error.is_null()) return {{"result", std::move(reply.result)}};
    return {{"error", std::move(reply.error)}};
  };
  try {
    return {{"result", tool->run(arguments, call)}};
  } catch (const std::exception& error) {  // whatever a library throws ends one call, not all
    return {
        {"result",
         {{"isError", true},
          {"content", {{{"type", "text"}, {"text", std::string("FAILED: ") + error.what()}}}}}}};
  }
}

JsonSocket::Look McpServer::LookMeanwhile(const Json& id) {
  ReadMore();
  bool cancelled = false;
  std::deque<McpMessage> left;
  for (McpMessage& message : waiting_) {
    if (message.kind == McpMessage::Kind::kRefused || message.method == "ping") {
      Handle(message);
    } else if (message.method == "notifications/cancelled" &&
               MemberOf(message.params, "requestId") == id) {
      cancelled = true;
    } else {
      left.push_back(std::move(message));
    }
  }
  waiting_ = std::move(left);
  if (cancelled) return JsonSocket::Look::kCancel;
  return ended_ ? JsonSocket::Look::kNoMore : JsonSocket::Look::kAgain;
}

}  // namespace voxctl
