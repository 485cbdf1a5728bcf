// The tools that agents see: few, named for what they do, over the methods of the API. Schemas come
// from the descriptors.
//
// Data flow: arguments -> calls of methods, one after the other -> the content of an answer.
// Threading: a tool may run any number of times at once. One run goes on where its calls end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "clients/api/api.h"
#include "nlohmann/json.hpp"

namespace mcp {

using Then = std::function<void(nlohmann::json)>;

// Runs a method of the daemon and gives its answer, {"result": ...} or {"error": {"code",
// "message", "data"}}, to `then`: once, before it returns or later, on any thread. What a stream
// sends is gathered: {"result": {"items": [...]}}.
using CallMethod =
    std::function<void(const std::string& method, nlohmann::json params, const Then& then)>;

// Runs a tool: `done` gets the content of tools/call's result, once, as `then` does above. May
// throw, and so may what it gives to `call`.
using RunTool =
    std::function<void(const nlohmann::json& arguments, const CallMethod& call, const Then& done)>;

struct Tool {
  std::string name;
  nlohmann::json description;  // as tools/list shows it
  RunTool run;
};

// How import_file and export_file come by files. Their arguments are `project` and `path`, texts;
// export_file answers {"files": [{"path", "bytes"}]}.
struct FileTools {
  std::string below;  // where paths begin, for the descriptions
  RunTool import_file;
  RunTool export_file;
};

// Files of the daemon's machine, which it reads and writes itself, below its --root.
FileTools DaemonFiles();

// The tools; `api` is not needed any more afterwards.
std::vector<Tool> MakeTools(const voxapi::Api& api, const FileTools& files);

// "vox" for "models/house.vox"; empty if there is no extension.
std::string FormatOf(const std::string& path);

}  // namespace mcp
