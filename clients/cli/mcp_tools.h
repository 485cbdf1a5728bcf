// The tools that agents see: few, named for what they do, over the methods of the API. Schemas come
// from the descriptors.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "clients/cli/api.h"
#include "nlohmann/json.hpp"

namespace voxctl {

// Runs a method of the daemon: {"result": ...} or {"error": ...}.
using CallMethod = std::function<nlohmann::json(const std::string& method, nlohmann::json params)>;

struct McpTool {
  std::string name;
  nlohmann::json description;  // as tools/list shows it
  // Takes the tool's arguments, gives the content of tools/call's result.
  std::function<nlohmann::json(const nlohmann::json& arguments, const CallMethod& call)> run;
};

// `files` is the directory that import_file and export_file may use.
std::vector<McpTool> MakeMcpTools(const Api& api, const std::string& files);

}  // namespace voxctl
