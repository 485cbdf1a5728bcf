#include "clients/mcp/tools.h"

#include <filesystem>
#include <iterator>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "clients/api/json_schema.h"
#include "clients/mcp/tool_result.h"

namespace mcp {
namespace {

using Json = nlohmann::json;
using voxapi::Api;
using voxapi::ApiMethod;
using voxapi::SchemaOf;

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

Json AnswerSchema(const ApiMethod& method) {
  return SchemaOf(method.descriptor->output_type(), {});
}

// A tool that does not run yet. How it may be shown and called is as tools/list wants it.
Tool Described(const std::string& name, const std::string& title, const std::string& description,
               Json input, Json output, Json annotations) {
  Tool tool;
  tool.name = name;
  tool.description = {{"name", name},
                      {"title", title},
                      {"description", description},
                      {"inputSchema", std::move(input)},
                      {"outputSchema", std::move(output)},
                      {"annotations", std::move(annotations)}};
  return tool;
}

Tool MethodTool(const Api& api, const ToolSpec& spec) {
  const ApiMethod& method = *api.Find(spec.method);
  Tool tool = Described(spec.name, spec.title, spec.description, InputSchema(method, spec.required),
                        AnswerSchema(method),
                        Annotations(spec.read_only, spec.destructive, spec.idempotent));
  tool.run = [name = method.name](const Json& arguments, const CallMethod& call, const Then& done) {
    Json params = arguments;
    if (params.contains("preview") && params["preview"].is_object() &&
        !params["preview"].contains("max_bytes")) {
      params["preview"]["max_bytes"] = kMaxPicture;
    }
    call(name, std::move(params), [done](Json answer) { done(Answered(std::move(answer))); });
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

// The answer; a slice stands as a text of its own, whose lines are lines.
Json SummaryAnswer(const Json& summary) {
  Json answer = Succeeded(summary);
  if (!summary.contains("slice") || !summary["slice"].contains("text")) return answer;
  Json rest = summary;
  rest["slice"].erase("text");
  answer["content"] = {Text(rest.dump()), Text(summary["slice"]["text"].get<std::string>())};
  return answer;
}

// One run of summarize: the summary, then the parts that were asked for, read from the revision
// that the summary has, each in the summary's layer and box unless it names its own.
class SummaryRun : public std::enable_shared_from_this<SummaryRun> {
 public:
  SummaryRun(Json arguments, CallMethod call, Then done)
      : arguments_(std::move(arguments)), call_(std::move(call)), done_(std::move(done)) {}

  void Begin() {
    Json params = arguments_;
    for (const SummaryPart& part : summary_parts) params.erase(part.name);
    call_("inspect.summarize", std::move(params), [self = shared_from_this()](Json answer) {
      if (answer.contains("error")) return self->done_(FailedWith(answer["error"]));
      self->summary_ = std::move(answer["result"]);
      self->NextPart();
    });
  }

 private:
  void NextPart() {
    while (next_ < std::size(summary_parts)) {
      const SummaryPart& part = summary_parts[next_++];
      if (!arguments_.contains(part.name) || !arguments_[part.name].is_object()) continue;
      return call_(part.method, ParamsOf(part), [self = shared_from_this(), &part](Json answer) {
        if (answer.contains("error")) return self->done_(FailedWith(answer["error"]));
        self->summary_[part.name] = std::move(answer["result"]);
        self->NextPart();
      });
    }
    done_(SummaryAnswer(summary_));
  }

  Json ParamsOf(const SummaryPart& part) {
    Json params = arguments_[part.name];
    params["project"] = arguments_["project"];
    params["revision"] = summary_["revision"];
    for (const char* name : {"layer", "box"}) {
      if (arguments_.contains(name) && !params.contains(name)) params[name] = arguments_[name];
    }
    if (std::string_view(part.name) == "slice" && !params.contains("rulers")) {
      params["rulers"] = true;
    }
    return params;
  }

  Json arguments_;
  const CallMethod call_;
  const Then done_;
  Json summary_;
  size_t next_ = 0;  // of the parts
};

// inspect.summarize, with what an agent wants to know next.
Tool SummarizeTool(const Api& api) {
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
  Tool tool = Described(
      "summarize", "Summarize",
      "Counts voxels and colours, gives bounds and layers; with slice, check or compare also shows "
      "a plane as text, looks for faults of the structure, scores against a blueprint. Cheaper "
      "than a picture. Example: {\"project\": \"castle\", \"slice\": {\"axis\": \"z\", "
      "\"position\": 4}, \"check\": {}}",
      std::move(input), std::move(output), Annotations(true, false, true));
  tool.run = [](const Json& arguments, const CallMethod& call, const Then& done) {
    std::make_shared<SummaryRun>(arguments, call, done)->Begin();
  };
  return tool;
}

// render.view with its ViewSpec's fields at the top, which is how agents ask.
Tool LookTool(const Api& api) {
  const ApiMethod& method = *api.Find("render.view");
  const auto* input = method.descriptor->input_type();
  Json schema = SchemaOf(input->FindFieldByName("spec")->message_type(), {"max_bytes"});
  schema["properties"]["project"] = SchemaOf(input->FindFieldByName("project"), {});
  schema["properties"]["revision"] = SchemaOf(input->FindFieldByName("revision"), {});
  schema["required"] = {"project"};
  Tool tool = Described(
      "look", "Look",
      "Shows the project as a picture, from one or several sides at once. Look after every larger "
      "change. Example: {\"project\": \"castle\", \"views\": [\"front\", \"iso\"]}",
      schema, AnswerSchema(method), Annotations(true, false, true));
  tool.run = [](const Json& arguments, const CallMethod& call, const Then& done) {
    Json params = {{"spec", arguments}};
    for (const char* name : {"project", "revision"}) {
      if (!arguments.contains(name)) continue;
      params[name] = arguments[name];
      params["spec"].erase(name);
    }
    params["spec"]["max_bytes"] = kMaxPicture;
    call("render.view", std::move(params),
         [done](Json answer) { done(Answered(std::move(answer))); });
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
Tool Checked(Tool tool) {
  tool.run = [run = std::move(tool.run), schema = tool.description["inputSchema"]](
                 const Json& arguments, const CallMethod& call, const Then& done) {
    const std::string fault = ArgumentFault(schema, arguments);
    if (!fault.empty()) return done(Failed("INVALID_FIELD: " + fault));
    run(arguments, call, done);
  };
  return tool;
}

Json FileSchema(const char* path_help) {
  return {{"type", "object"},
          {"properties",
           {{"project", {{"type", "string"}, {"description", "the project"}}},
            {"path", {{"type", "string"}, {"description", path_help}}}}},
          {"required", {"project", "path"}},
          {"additionalProperties", false}};
}

Tool ImportTool(const Api& api, const FileTools& files) {
  Tool tool = Described(
      "import_file", "Import a file",
      "Reads a model (.vox) into a new project. Paths are relative to " + files.below + ".",
      FileSchema("the file to read"), AnswerSchema(*api.Find("transfer.import")),
      Annotations(false, false, false));
  tool.run = files.import_file;
  return tool;
}

Tool ExportTool(const FileTools& files) {
  const Json file_schema = {
      {"type", "object"},
      {"properties", {{"path", {{"type", "string"}}}, {"bytes", {{"type", "integer"}}}}}};
  const Json answer_schema = {
      {"type", "object"}, {"properties", {{"files", {{"type", "array"}, {"items", file_schema}}}}}};
  Tool tool =
      Described("export_file", "Export a file",
                "Writes the project as .vox or .obj; the extension tells which. Nothing is "
                "overwritten. Paths are relative to " +
                    files.below + ".",
                FileSchema("the file to write"), answer_schema, Annotations(false, false, false));
  tool.run = files.export_file;
  return tool;
}

// The files of an export that the daemon wrote itself: one item each, beside `path`.
Json FilesWritten(const Json& items, const std::string& path) {
  Json files = Json::array();
  for (const Json& item : items) {
    const std::filesystem::path file =
        std::filesystem::path(path).parent_path() / item.value("file", "");
    files.push_back({{"path", file.string()}, {"bytes", item.value("bytes", int64_t{0})}});
  }
  return {{"files", files}};
}

}  // namespace

std::string FormatOf(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  return extension.empty() ? "" : extension.substr(1);
}

FileTools DaemonFiles() {
  FileTools files;
  files.below = "the first directory of the daemon's option root";
  files.import_file = [](const Json& arguments, const CallMethod& call, const Then& done) {
    const Json header = {
        {"project", arguments["project"]}, {"create", true}, {"path", arguments["path"]}};
    call("transfer.import", Json::array({{{"header", header}}}),
         [done](Json answer) { done(Answered(std::move(answer))); });
  };
  files.export_file = [](const Json& arguments, const CallMethod& call, const Then& done) {
    const std::string path = arguments["path"];
    const Json request = {
        {"project", arguments["project"]}, {"format", FormatOf(path)}, {"path", path}};
    call("transfer.export", request, [done, path](Json answer) {
      if (answer.contains("error")) return done(FailedWith(answer["error"]));
      done(Succeeded(FilesWritten(answer["result"]["items"], path)));
    });
  };
  return files;
}

std::vector<Tool> MakeTools(const Api& api, const FileTools& files) {
  std::vector<Tool> tools;
  for (const ToolSpec& spec : method_tools) tools.push_back(Checked(MethodTool(api, spec)));
  tools.push_back(Checked(SummarizeTool(api)));
  tools.push_back(Checked(LookTool(api)));
  tools.push_back(Checked(ImportTool(api, files)));
  tools.push_back(Checked(ExportTool(files)));
  return tools;
}

}  // namespace mcp
