#include "clients/cli/mcp_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "clients/api/base64.h"
#include "clients/cli/files.h"
#include "clients/mcp/tool_result.h"

namespace voxctl {
namespace {

using Json = nlohmann::json;
using mcp::CallMethod;
using mcp::Failed;
using mcp::Then;

// The file's real path if it lies below `folder`, with links followed; empty otherwise.
std::string Below(const std::string& folder, const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path path = fs::weakly_canonical(root / name, error);
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return !error && end == root.end() && rest != path.end() ? path.string() : std::string();
}

void ImportFile(const std::string& folder, const Json& arguments, const CallMethod& call,
                const Then& done) {
  const std::string path = Below(folder, arguments.value("path", ""));
  std::error_code error;
  const bool is_file = !path.empty() && std::filesystem::is_regular_file(path, error);
  std::ifstream file;
  if (is_file) file.open(path, std::ios::binary);
  if (!is_file || !file) {
    return done(Failed("path is \"" + arguments.value("path", "") +
                       "\": there is no file of that name to read below " + folder));
  }
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const Json header = {{"project", arguments.value("project", "")}, {"create", true}};
  call("transfer.import", {{{"header", header}}, {{"data", voxapi::Base64(bytes)}}},
       [done](Json answer) { done(mcp::Answered(std::move(answer))); });
}

// Gathers the parts of an export into files: name, bytes.
std::vector<std::pair<std::string, std::string>> GatherFiles(const Json& items) {
  std::vector<std::pair<std::string, std::string>> gathered;
  bool at_start = true;
  for (const Json& part : items) {
    if (at_start) gathered.emplace_back(part.value("file", ""), "");
    gathered.back().second += voxapi::FromBase64(part.value("data", ""));
    at_start = part.value("last_part", false);
  }
  return gathered;
}

// The main file becomes `path`, the others stand beside it.
Json WriteFiles(const Json& items, const std::string& path) {
  Json written = Json::array();
  for (const auto& [name, bytes] : GatherFiles(items)) {
    const std::string target =
        written.empty() ? path : (std::filesystem::path(path).parent_path() / name).string();
    std::string problem;
    if (!WriteFile(target, bytes, /*force=*/false, &problem, "give another path"))
      return Failed(problem);
    written.push_back({{"path", target}, {"bytes", bytes.size()}});
  }
  return mcp::Succeeded({{"files", written}});
}

void ExportFileOf(const std::string& folder, const Json& arguments, const CallMethod& call,
                  const Then& done) {
  const std::string path = Below(folder, arguments.value("path", ""));
  if (path.empty()) {
    return done(
        Failed("path is \"" + arguments.value("path", "") + "\": it is not below " + folder));
  }
  const Json request = {{"project", arguments.value("project", "")},
                        {"format", mcp::FormatOf(path)},
                        {"name", NameForExport(path)}};
  call("transfer.export", request, [done, path](Json answer) {
    done(answer.contains("error") ? mcp::FailedWith(answer["error"])
                                  : WriteFiles(answer["result"]["items"], path));
  });
}

}  // namespace

mcp::FileTools FilesBelow(const std::string& folder) {
  const auto below = [&folder](auto run) {
    return [folder, run](const Json& arguments, const CallMethod& call, const Then& done) {
      run(folder, arguments, call, done);
    };
  };
  return {.below = folder, .import_file = below(&ImportFile), .export_file = below(&ExportFileOf)};
}

}  // namespace voxctl
