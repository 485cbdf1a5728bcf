#include "clients/mcp/server.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

#include "clients/api/api.h"
#include "clients/mcp/actor.h"
#include "clients/mcp/tool_result.h"

namespace mcp {
namespace {

using Json = nlohmann::json;

constexpr const char* kLegacy[] = {"2025-11-25", "2025-06-18", kBatching,
                                   "2024-11-05"};  // newest first
constexpr char kVersionKey[] = "io.modelcontextprotocol/protocolVersion";
constexpr char kClientKey[] = "io.modelcontextprotocol/clientInfo";
constexpr int64_t kToolsFreshMs = 3600000;  // the list never changes while the process runs

constexpr char kInstructions[] =
    "voxeld edits voxel models. create_project first, build with apply_edits in few large steps, "
    "look at the result, "
    "undo what went wrong. +z is up; boxes are half-open.";

Json Capabilities() { return {{"tools", {{"listChanged", false}}}}; }

// One run of a tool: whatever is thrown on its way, here or where a call ends, becomes its answer.
class ToolRun : public std::enable_shared_from_this<ToolRun> {
 public:
  ToolRun(CallMethod call, Then done) : call_(std::move(call)), done_(std::move(done)) {}

  void Begin(const Tool& tool, const Json& arguments) {
    const CallMethod careful = [self = shared_from_this()](const std::string& method, Json params,
                                                           const Then& then) {
      self->call_(method, std::move(params),
                  [self, then](Json answer) { self->Guard([&] { then(std::move(answer)); }); });
    };
    Guard([&] {
      tool.run(arguments, careful, [self = shared_from_this()](Json result) {
        self->done_({{"result", std::move(result)}});
      });
    });
  }

 private:
  template <typename Step>
  void Guard(const Step& step) {
    try {
      step();
    } catch (const std::exception& error) {
      done_({{"result", Failed(std::string("FAILED: ") + error.what())}});
    }
  }

  const CallMethod call_;
  const Then done_;
};

}  // namespace

bool IsLegacy(std::string_view version) {
  return std::find(std::begin(kLegacy), std::end(kLegacy), version) != std::end(kLegacy);
}

std::string VersionOf(const Json& params) { return TextOf(MemberOf(params, "_meta"), kVersionKey); }

Json UnsupportedVersion(const std::string& version) {
  return Error(kUnsupportedVersion, "protocol version " + version + " is not supported",
               {{"supported", {kModern}}, {"requested", version}});
}

std::optional<std::string> Introduction(const Message& request) {
  if (request.method == "initialize") return ActorOf(MemberOf(request.params, "clientInfo"));
  if (VersionOf(request.params).empty()) return std::nullopt;
  const Json& client = MemberOf(MemberOf(request.params, "_meta"), kClientKey);
  return client.is_null() ? std::nullopt : std::optional(ActorOf(client));
}

Json Pong(const Message& ping) {
  const std::string version = VersionOf(ping.params);
  if (version.empty()) return {{"result", Json::object()}};
  if (version != kModern) return UnsupportedVersion(version);
  return {{"result", {{"resultType", "complete"}}}};
}

Server::Server(std::vector<Tool> tools, std::string version)
    : tools_(std::move(tools)), version_(std::move(version)) {}

void Server::Answer(const Message& request, const CallMethod& call, const Then& done) const {
  if (request.method == "ping") return done(Pong(request));
  const std::string version = VersionOf(request.params);
  if (version.empty()) return Dispatch(request, call, done);
  if (version != kModern) return done(UnsupportedVersion(version));
  Dispatch(request, call, [done](Json answer) {
    if (answer.contains("result")) answer["result"]["resultType"] = "complete";
    done(std::move(answer));
  });
}

void Server::Dispatch(const Message& request, const CallMethod& call, const Then& done) const {
  const std::string& method = request.method;
  if (method == "initialize") return done(Initialize(request.params));
  if (method == "server/discover") return done({{"result", Discover()}});
  if (method == "tools/list") return done({{"result", ListTools()}});
  if (method == "tools/call") return CallTool(request.params, call, done);
  done(Error(kMethodNotFound, "no method " + method));
}

Json Server::Info() const {
  return {{"name", "voxeld"}, {"title", "voxeld voxel editor"}, {"version", version_}};
}

Json Server::Initialize(const Json& params) const {
  if (params.contains("protocolVersion") && !params["protocolVersion"].is_string())
    return Error(kInvalidParams, "protocolVersion must be a string");
  const std::string asked = TextOf(params, "protocolVersion");
  return {{"result",
           {{"protocolVersion", IsLegacy(asked) ? asked : kLegacy[0]},
            {"capabilities", Capabilities()},
            {"serverInfo", Info()},
            {"instructions", kInstructions}}}};
}

Json Server::Discover() const {
  return {{"supportedVersions", {kModern}},
          {"capabilities", Capabilities()},
          {"instructions", kInstructions},
          {"ttlMs", kToolsFreshMs},
          {"cacheScope", "public"},
          {"_meta", {{"io.modelcontextprotocol/serverInfo", Info()}}}};
}

Json Server::ListTools() const {
  Json list = Json::array();
  for (const Tool& tool : tools_) list.push_back(tool.description);
  return {{"tools", list}, {"ttlMs", kToolsFreshMs}, {"cacheScope", "public"}};
}

void Server::CallTool(const Json& params, const CallMethod& call, const Then& done) const {
  const std::string name = TextOf(params, "name");
  const auto tool = std::find_if(tools_.begin(), tools_.end(),
                                 [&](const Tool& candidate) { return candidate.name == name; });
  if (tool == tools_.end()) return done(Error(kInvalidParams, "no tool \"" + name + "\""));
  const Json arguments = params.contains("arguments") ? params["arguments"] : Json::object();
  if (!arguments.is_object()) return done(Error(kInvalidParams, "arguments must be an object"));
  std::make_shared<ToolRun>(call, done)->Begin(*tool, arguments);
}

std::unique_ptr<const Server> MakeServer(const FileTools& files, std::string version) {
  const voxapi::Api api;
  return std::make_unique<const Server>(MakeTools(api, files), std::move(version));
}

}  // namespace mcp
