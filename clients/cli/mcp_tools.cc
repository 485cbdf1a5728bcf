#include "clients/cli/mcp_tools.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "clients/cli/base64.h"
#include "clients/cli/files.h"
#include "clients/cli/json_schema.h"

namespace voxctl {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxText = 8000;         // characters of text an answer may put before an agent
constexpr uint32_t kMaxPicture = 150000;  // bytes of a PNG; base64 and JSON make it a third larger

const std::set<std::string> write_fields_left_out = {"request_id", "durability", "unchanged",
                                                     "actor"};

struct ToolSpec {
  const char* name;
  const char* method;
  const char* title;
  const char* description;
  bool read_only;
  bool destructive;
  bool idempotent;
  std::vector<std::string> required;
};

const ToolSpec method_tools[] = {
    {"create_project",
     "project.create",
     "Create a project",
     "Makes an empty voxel project with one layer. Do this first. Example: {\"project\": "
     "\"castle\"}",
     false,
     false,
     false,
     {"project"}},
    {"list_projects",
     "project.list",
     "List projects",
     "Lists the projects with their sizes.",
     true,
     false,
     true,
     {}},
    {"apply_edits",
     "voxel.apply_edits",
     "Build and change",
     "Applies a list of edits as one step: all or none. +z is up; boxes are half-open [min, max). "
     "Says exactly what "
     "changed. A color to paint with is \"#c33\", a palette name, or a pattern such as "
     "\"70%#3a3,30%#484\"; "
     "an edit's mask, such as {\"text\": \"!air & surface & exposed(up)\"}, limits it to the "
     "voxels that match. "
     "Ask for a preview to see the result. Prefer few large shapes over many voxels. "
     "Example: {\"project\": "
     "\"castle\", \"edits\": [{\"box\": {\"box\": {\"min\": [0,0,0], \"max\": [20,20,8]}, "
     "\"color\": \"#998877\", "
     "\"wall\": 1}}], \"preview\": {\"views\": [\"iso\"]}}",
     false,
     true,
     false,
     {"project", "edits"}},
    {"get_voxels",
     "voxel.get",
     "Read voxels",
     "Reads single voxels: xyz is a flat list x,y,z,x,y,z. 0 is empty.",
     true,
     false,
     true,
     {"project", "xyz"}},
    {"undo",
     "history.undo",
     "Undo",
     "Takes back the last steps. Nothing left to undo answers done = 0.",
     false,
     true,
     false,
     {"project"}},
    {"redo",
     "history.redo",
     "Redo",
     "Applies again what undo took back.",
     false,
     true,
     false,
     {"project"}},
};

Json Annotations(bool read_only, bool destructive, bool idempotent) {
  return {{"readOnlyHint", read_only},
          {"destructiveHint", destructive},
          {"idempotentHint", idempotent},
          {"openWorldHint", false}};
}

// The input schema of a method, without what only programs need.
Json InputSchema(const ApiMethod& method, const std::vector<std::string>& required) {
  Json schema = SchemaOf(method.descriptor->input_type(), write_fields_left_out);
  if (!required.empty()) schema["required"] = required;
  return schema;
}

Json Text(const std::string& text) {
  const bool cut = text.size() > kMaxText;
  return {{"type", "text"},
          {"text", cut ? text.substr(0, kMaxText) + " ... (truncated; ask for less)" : text}};
}

// Takes the PNGs out of a response, so that they become pictures and not text. Also from `preview`.
Json TakePictures(Json* response) {
  Json pictures = Json::array();
  if (response->contains("png")) {
    pictures.push_back(
        {{"type", "image"}, {"data", (*response)["png"]}, {"mimeType", "image/png"}});
    response->erase("png");
  }
  if (response->contains("preview")) {
    for (Json& picture : TakePictures(&(*response)["preview"])) pictures.push_back(picture);
  }
  return pictures;
}

Json Failed(const std::string& text) { return {{"isError", true}, {"content", {Text(text)}}}; }

// An error that tells the agent what to do next.
Json Failed(const Json& error) {
  const Json& data = error.value("data", Json::object());
  const std::string reason = data.value("reason", "");
  std::string text = (reason.empty() ? "UNAVAILABLE" : reason) + ": " + error.value("message", "");
  if (const std::string field = data.value("field", ""); !field.empty())
    text += " (argument: " + field + ")";
  if (reason == "PROJECT_NOT_FOUND") text += ". Use list_projects, or create_project first.";
  if (reason == "LAYER_AMBIGUOUS" || reason == "LAYER_NOT_FOUND")
    text += ". Use summarize to see the layers.";
  if (reason == "REVISION_MISMATCH")
    text += ". Somebody else changed the project: summarize, then try again.";
  return Failed(text);
}

Json Succeeded(Json response) {
  Json content = TakePictures(&response);
  content.insert(content.begin(), Text(response.dump()));
  return {{"content", content}, {"structuredContent", response}, {"isError", false}};
}

Json AnswerSchema(const ApiMethod& method) {
  return SchemaOf(method.descriptor->output_type(), {});
}

// A tool that does not run yet. How it may be shown and called is as tools/list wants it.
McpTool Described(const std::string& name, const std::string& title, const std::string& description,
                  Json input, Json output, Json annotations) {
  McpTool tool;
  tool.name = name;
  tool.description = {{"name", name},
                      {"title", title},
                      {"description", description},
                      {"inputSchema", std::move(input)},
                      {"outputSchema", std::move(output)},
                      {"annotations", std::move(annotations)}};
  return tool;
}

McpTool MethodTool(const Api& api, const ToolSpec& spec) {
  const ApiMethod& method = *api.Find(spec.method);
  McpTool tool = Described(spec.name, spec.title, spec.description,
                           InputSchema(method, spec.required), AnswerSchema(method),
                           Annotations(spec.read_only, spec.destructive, spec.idempotent));
  tool.run = [name = method.name](const Json& arguments, const CallMethod& call) {
    Json params = arguments;
    if (params.contains("preview") && params["preview"].is_object() &&
        !params["preview"].contains("max_bytes")) {
      params["preview"]["max_bytes"] = kMaxPicture;
    }
    const Json reply = call(name, params);
    return reply.contains("error") ? Failed(reply["error"]) : Succeeded(reply["result"]);
  };
  return tool;
}

// What summarize can answer beside the summary, and the method that does.
struct SummaryPart {
  const char* name;
  const char* method;
  const char* help;
};
const SummaryPart summary_parts[] = {
    {"slice", "inspect.slice",
     "also show one plane as text, a character for each voxel: {\"axis\": \"z\", \"position\": 4}"},
    {"check", "inspect.check_structure",
     "also look for parts that float, cavities, thin walls, symmetry, leaks: {} for all, or "
     "{\"checks\": [\"FLOATING\"]}"},
    {"compare", "inspect.compare",
     "also score against a blueprint, 0 to 1: {\"blueprint\": {\"project\": \"plan\"}}"},
};

// The parts that were asked for, read from the revision that the summary has, each in the summary's
// layer and box unless it names its own. Puts them into `summary`; the error if one fails.
Json AddSummaryParts(const Json& arguments, const CallMethod& call, Json* summary) {
  for (const SummaryPart& part : summary_parts) {
    if (!arguments.contains(part.name) || !arguments[part.name].is_object()) continue;
    Json params = arguments[part.name];
    params["project"] = arguments["project"];
    params["revision"] = (*summary)["revision"];
    for (const char* name : {"layer", "box"}) {
      if (arguments.contains(name) && !params.contains(name)) params[name] = arguments[name];
    }
    if (std::string_view(part.name) == "slice" && !params.contains("rulers")) {
      params["rulers"] = true;
    }
    const Json reply = call(part.method, params);
    if (reply.contains("error")) return reply["error"];
    (*summary)[part.name] = reply["result"];
  }
  return nullptr;
}

// The answer; a slice stands as a text of its own, whose lines are lines.
Json SummaryAnswer(const Json& summary) {
  Json answer = Succeeded(summary);
  if (!summary.contains("slice") || !summary["slice"].contains("text")) return answer;
  Json rest = summary;
  rest["slice"].erase("text");
  answer["content"] = {Text(rest.dump()), Text(summary["slice"]["text"].get<std::string>())};
  return answer;
}

// inspect.summarize, with what an agent wants to know next.
McpTool SummarizeTool(const Api& api) {
  const ApiMethod& method = *api.Find("inspect.summarize");
  Json input = InputSchema(method, {"project"});
  Json output = AnswerSchema(method);
  for (const SummaryPart& part : summary_parts) {
    const ApiMethod& more = *api.Find(part.method);
    Json schema = SchemaOf(more.descriptor->input_type(), {});
    for (const char* name : {"project", "revision"}) schema["properties"].erase(name);
    schema["description"] = part.help;
    input["properties"][part.name] = std::move(schema);
    output["properties"][part.name] = AnswerSchema(more);
  }
  McpTool tool = Described(
      "summarize", "Summarize",
      "Counts voxels and colours, gives bounds and layers; with slice, check or compare also shows "
      "a plane as text, looks for faults of the structure, scores against a blueprint. Cheaper "
      "than a picture. Example: {\"project\": \"castle\", \"slice\": {\"axis\": \"z\", "
      "\"position\": 4}, \"check\": {}}",
      std::move(input), std::move(output), Annotations(true, false, true));
  tool.run = [](const Json& arguments, const CallMethod& call) {
    Json params = arguments;
    for (const SummaryPart& part : summary_parts) params.erase(part.name);
    const Json reply = call("inspect.summarize", params);
    if (reply.contains("error")) return Failed(reply["error"]);
    Json summary = reply["result"];
    const Json error = AddSummaryParts(arguments, call, &summary);
    return error.is_null() ? SummaryAnswer(summary) : Failed(error);
  };
  return tool;
}

// render.view with its ViewSpec's fields at the top, which is how agents ask.
McpTool LookTool(const Api& api) {
  const ApiMethod& method = *api.Find("render.view");
  const auto* input = method.descriptor->input_type();
  Json schema = SchemaOf(input->FindFieldByName("spec")->message_type(), {"max_bytes"});
  schema["properties"]["project"] = SchemaOf(input->FindFieldByName("project"), {});
  schema["properties"]["revision"] = SchemaOf(input->FindFieldByName("revision"), {});
  schema["required"] = {"project"};
  McpTool tool = Described(
      "look", "Look",
      "Shows the project as a picture, from one or several sides at once. Look after every larger "
      "change. Example: {\"project\": \"castle\", \"views\": [\"front\", \"iso\"]}",
      schema, AnswerSchema(method), Annotations(true, false, true));
  tool.run = [](const Json& arguments, const CallMethod& call) {
    Json params = {{"spec", arguments}};
    for (const char* name : {"project", "revision"}) {
      if (!arguments.contains(name)) continue;
      params[name] = arguments[name];
      params["spec"].erase(name);
    }
    params["spec"]["max_bytes"] = kMaxPicture;
    const Json reply = call("render.view", params);
    return reply.contains("error") ? Failed(reply["error"]) : Succeeded(reply["result"]);
  };
  return tool;
}

// What is wrong with a tool's arguments, as far as the names at the top and the texts go; empty if
// nothing is. The daemon looks at the rest. A null counts as not given, as it does there.
std::string ArgumentFault(const Json& schema, const Json& arguments) {
  const Json& properties = schema["properties"];
  for (const auto& [name, value] : arguments.items()) {
    if (!properties.contains(name)) {
      std::string known;
      for (const auto& [other, unused] : properties.items())
        known += (known.empty() ? "" : ", ") + other;
      return "there is no argument \"" + name + "\"; there are: " + known;
    }
    const bool is_text = properties[name]["type"] == "string" && !properties[name].contains("enum");
    if (is_text && !value.is_string() && !value.is_null()) return name + " must be a string";
  }
  for (const std::string& name : schema.value("required", std::vector<std::string>())) {
    if (!arguments.contains(name) || arguments[name].is_null()) return name + " is missing";
  }
  return {};
}

// The tool, which does not run with arguments that its schema does not have.
McpTool Checked(McpTool tool) {
  tool.run = [run = std::move(tool.run), schema = tool.description["inputSchema"]](
                 const Json& arguments, const CallMethod& call) {
    const std::string fault = ArgumentFault(schema, arguments);
    return fault.empty() ? run(arguments, call) : Failed("INVALID_FIELD: " + fault);
  };
  return tool;
}

// The file's real path if it lies below `folder`, with links followed; empty otherwise.
std::string Below(const std::string& folder, const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path path = fs::weakly_canonical(root / name, error);
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return !error && end == root.end() && rest != path.end() ? path.string() : std::string();
}

Json FileSchema(const char* path_help) {
  return {{"type", "object"},
          {"properties",
           {{"project", {{"type", "string"}, {"description", "the project"}}},
            {"path", {{"type", "string"}, {"description", path_help}}}}},
          {"required", {"project", "path"}},
          {"additionalProperties", false}};
}

McpTool ImportTool(const Api& api, const std::string& files) {
  McpTool tool =
      Described("import_file", "Import a file",
                "Reads a model (.vox) into a new project. Paths are relative to " + files + ".",
                FileSchema("the file to read"), AnswerSchema(*api.Find("transfer.import")),
                Annotations(false, false, false));
  tool.run = [files](const Json& arguments, const CallMethod& call) {
    const std::string path = Below(files, arguments.value("path", ""));
    std::error_code error;
    const bool is_file = !path.empty() && std::filesystem::is_regular_file(path, error);
    std::ifstream file;
    if (is_file) file.open(path, std::ios::binary);
    if (!is_file || !file) {
      return Failed("path is \"" + arguments.value("path", "") +
                    "\": there is no file of that name to read below " + files);
    }
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    const Json header = {{"project", arguments.value("project", "")}, {"create", true}};
    const Json reply = call("transfer.import", {{{"header", header}}, {{"data", Base64(bytes)}}});
    return reply.contains("error") ? Failed(reply["error"]) : Succeeded(reply["result"]);
  };
  return tool;
}

// Gathers the parts of an export into files: name, bytes.
std::vector<std::pair<std::string, std::string>> GatherFiles(const Json& items) {
  std::vector<std::pair<std::string, std::string>> gathered;
  bool at_start = true;
  for (const Json& part : items) {
    if (at_start) gathered.emplace_back(part.value("file", ""), "");
    gathered.back().second += FromBase64(part.value("data", ""));
    at_start = part.value("last_part", false);
  }
  return gathered;
}

McpTool ExportTool(const std::string& files) {
  const Json file_schema = {
      {"type", "object"},
      {"properties", {{"path", {{"type", "string"}}}, {"bytes", {{"type", "integer"}}}}}};
  const Json answer_schema = {
      {"type", "object"}, {"properties", {{"files", {{"type", "array"}, {"items", file_schema}}}}}};
  McpTool tool =
      Described("export_file", "Export a file",
                "Writes the project as .vox or .obj; the extension tells which. Nothing is "
                "overwritten. Paths are relative to " +
                    files + ".",
                FileSchema("the file to write"), answer_schema, Annotations(false, false, false));
  tool.run = [files](const Json& arguments, const CallMethod& call) {
    const std::string path = Below(files, arguments.value("path", ""));
    if (path.empty())
      return Failed("path is \"" + arguments.value("path", "") + "\": it is not below " + files);
    const std::string extension = std::filesystem::path(path).extension().string();
    const Json request = {{"project", arguments.value("project", "")},
                          {"format", extension.empty() ? "" : extension.substr(1)},
                          {"name", NameForExport(path)}};
    const Json reply = call("transfer.export", request);
    if (reply.contains("error")) return Failed(reply["error"]);
    Json written = Json::array();
    for (const auto& [name, bytes] : GatherFiles(reply["result"]["items"])) {
      const std::string target =
          written.empty() ? path : (std::filesystem::path(path).parent_path() / name).string();
      std::string problem;
      if (!WriteFile(target, bytes, /*force=*/false, &problem, "give another path"))
        return Failed(problem);
      written.push_back({{"path", target}, {"bytes", bytes.size()}});
    }
    return Succeeded({{"files", written}});
  };
  return tool;
}

}  // namespace

std::vector<McpTool> MakeMcpTools(const Api& api, const std::string& files) {
  std::vector<McpTool> tools;
  for (const ToolSpec& spec : method_tools) tools.push_back(Checked(MethodTool(api, spec)));
  tools.push_back(Checked(SummarizeTool(api)));
  tools.push_back(Checked(LookTool(api)));
  tools.push_back(Checked(ImportTool(api, files)));
  tools.push_back(Checked(ExportTool(files)));
  return tools;
}

}  // namespace voxctl
