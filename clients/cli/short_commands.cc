#include "clients/cli/short_commands.h"

#include <strings.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/cli/archive_commands.h"
#include "clients/cli/edit_commands.h"
#include "clients/cli/fields.h"
#include "clients/cli/files.h"
#include "clients/cli/inspect_commands.h"
#include "clients/cli/message_fields.h"
#include "clients/cli/revisions.h"
#include "clients/cli/top_command.h"
#include "clients/cli/watch_command.h"
#include "google/protobuf/message.h"

namespace voxctl {
namespace {

using google::protobuf::Message;

constexpr char kHistory[] = "Voxels and history";
constexpr char kQuestions[] = "Questions";
constexpr char kDaemon[] = "The daemon";

// Commands that stand together in the help.
struct Topic {
  const char* name;
  std::vector<ShortCommand> commands;
};

// Projects and layers.
std::vector<ShortCommand> ProjectCommands() {
  return {
      {"new",
       "project.create",
       "Make a project: voxctl new castle",
       {{"project", "project"}, {"--title", "title"}, {"--ephemeral", "ephemeral"}}},
      {"ls", "project.list", "List the projects: voxctl ls", {{"--prefix", "prefix"}}},
      {"show",
       "inspect.summarize",
       "Count a project's voxels and colours, list its layers: voxctl show castle",
       {{"project", "project"},
        {"--layer", "layer"},
        {"--box", "box"},
        {"--selection", "selection"},
        {"--revision", "revision"}}},
      {"rm", "project.delete", "Remove a project: voxctl rm castle", {{"project", "project"}}},
      {"clone",
       "project.clone",
       "Copy a project, at any size at once: voxctl clone castle castle-tower",
       {{"project", "project"}, {"target", "target"}, {"--revision", "revision"}}},
      {"merge",
       "project.merge",
       "Take what a clone changed: voxctl merge castle castle-tower",
       {{"project", "project"},
        {"branch", "branch"},
        {"--policy", "policy"},
        {"--branch-revision", "branch_revision"}}},
      {"palette",
       "palette.get",
       "List the palette: names, colours, materials: voxctl palette castle --named",
       {{"project", "project"}, {"--named", "named"}, {"--revision", "revision"}}},
      {"scene",
       "scene.get",
       "List the cameras and the light: voxctl scene castle",
       {{"project", "project"}, {"--revision", "revision"}}},
      {"layers",
       "layer.list",
       "List the layers, bottom first: voxctl layers castle",
       {{"project", "project"}}},
      {"flatten-layers",
       "layer.flatten",
       "Merge all visible layers into one: voxctl flatten-layers castle all",
       {{"project", "project"}, {"target", "target"}}},
      {"add-layer",
       "layer.create",
       "Add a layer on top: voxctl add-layer castle roof",
       {{"project", "project"}, {"layer", "layer.layer"}}},
  };
}

// Looking, and stepping back and forth.
std::vector<ShortCommand> HistoryCommands() {
  return {
      {"get",
       "voxel.get",
       "Read voxels: voxctl get castle 1,2,3",
       {{"project", "project"},
        {"xyz", "xyz"},
        {"--layer", "layer"},
        {"--selection", "selection"},
        {"--revision", "revision"}},
       {{"colors", "true"}}},
      {"undo",
       "history.undo",
       "Take back the last revisions: voxctl undo castle --count 2",
       {{"project", "project"}, {"--count", "count"}, {"--scope", "scope"}}},
      {"redo",
       "history.redo",
       "Apply again what undo took back: voxctl redo castle",
       {{"project", "project"}, {"--count", "count"}, {"--scope", "scope"}}},
      {"log",
       "history.list_revisions",
       "List the revisions, newest first: voxctl log castle",
       {{"project", "project"}}},
      {"checkpoint",
       "history.set_checkpoint",
       "Name a revision and keep it: voxctl checkpoint castle before-the-roof",
       {{"project", "project"},
        {"checkpoint", "checkpoint"},
        {"--revision", "revision"},
        {"--move", "move"}}},
      {"checkpoints",
       "history.list_checkpoints",
       "List the checkpoints: voxctl checkpoints castle",
       {{"project", "project"}}},
      {"delete-checkpoint",
       "history.delete_checkpoint",
       "Delete a checkpoint's name: voxctl delete-checkpoint castle before-the-roof",
       {{"project", "project"}, {"checkpoint", "checkpoint"}}},
      {"rollback",
       "history.rollback",
       "Go back: voxctl rollback castle --to before-the-roof",
       {{"project", "project"}, {"--to", "checkpoint"}, {"--revision", "revision"}}},
      {"diff",
       "history.diff",
       "Compare two revisions, of one project or with --with of two: voxctl diff castle 1 --to 2",
       {{"project", "project"},
        {"from", "from_revision"},
        {"--to", "to_revision"},
        {"--with", "to_project"},
        {"--box", "box"},
        {"--selection", "selection"}}},
  };
}

std::vector<ShortCommand> SelectionCommands() {
  return {
      {"select",
       "selection.set",
       "Make or replace a selection: voxctl select castle roof --mask 'exposed(up)'",
       {{"project", "project"},
        {"selection", "selection"},
        {"--box", "select.box"},
        {"--color", "select.color.color"},
        {"--wand", "select.wand.seed"},
        {"--connected", "select.connected.seed"},
        {"--mask", "select.mask.mask.text"},
        {"--in", "select.mask.box"},
        {"--by", "select"}}},
      {"selections",
       "selection.list",
       "List the selections: voxctl selections castle",
       {{"project", "project"}}},
      {"deselect",
       "selection.delete",
       "Forget a selection; its voxels stay: voxctl deselect castle roof",
       {{"project", "project"}, {"selection", "selection"}}},
  };
}

std::vector<ShortCommand> DaemonCommands() {
  return {
      {"ping", "admin.ping", "Ask whether the daemon answers: voxctl ping", {}},
      {"info", "admin.info", "Show the daemon's version and limits: voxctl info", {}},
  };
}

std::vector<Topic> Table() {
  return {{"Projects and layers", ProjectCommands()},
          {"Shapes", ShapeCommands()},
          {"Edits of what is there", ContentCommands()},
          {"Moving, copying, layers", PlacementCommands()},
          {"Edits of colours", ColorCommands()},
          {"Selections", SelectionCommands()},
          {kHistory, HistoryCommands()},
          {kQuestions, InspectCommands()},
          {kDaemon, DaemonCommands()}};
}

using Values = std::map<std::string, std::string>;  // path -> text, of those given

// Declares the arguments; flags without a value take "true".
void Declare(CLI::App* command, const voxapi::Api& api, const ShortCommand& spec, Values* values) {
  const auto* type = api.Find(spec.method)->descriptor->input_type();
  for (const Argument& argument : spec.arguments) {
    std::string name = argument.name;
    const bool is_option = name.rfind("--", 0) == 0;
    const bool is_required = !is_option || name.back() == '!';
    if (name.back() == '!') name.pop_back();
    const auto take = [values, path = std::string(argument.path)](const std::string& text) {
      (*values)[path] = text;
    };
    const auto* field = FindField(type, argument.path);
    if (field->type() == google::protobuf::FieldDescriptor::TYPE_BOOL) {
      command->add_flag_callback(
          name, [take] { take("true"); }, voxapi::CommentOf(field));
      continue;
    }
    CLI::Option* option =
        command->add_option_function<std::string>(name, take, voxapi::CommentOf(field))
            ->type_name(FieldForm(field));
    if (is_required) option->required();
  }
}

// Whether it lists what comes in pages, and leaves none of that to its arguments.
bool ListsAll(const ShortCommand& spec, const google::protobuf::Descriptor* type) {
  return type->FindFieldByName("page_token") != nullptr &&
         std::none_of(spec.arguments.begin(), spec.arguments.end(), [](const Argument& argument) {
           return std::string_view(argument.path) == "page_token";
         });
}

// Prints all pages as if they were one.
int PrintList(Session& session, const ShortCommand& spec, Json request) {
  std::unique_ptr<Message> all;
  request["page_size"] = 1000;
  do {
    if (all != nullptr) request["page_token"] = StringField(*all, "next_page_token");
    const int code = session.Call(spec.method, request, [&](const Message& page) {
      if (all == nullptr) all.reset(page.New());
      all->GetReflection()->ClearField(all.get(), FieldOf(*all, "next_page_token"));
      all->MergeFrom(page);
      return true;
    });
    if (code != 0) return code;
  } while (!StringField(*all, "next_page_token").empty());
  Print(session.format(), *all);
  return 0;
}

int RunShort(Session& session, const ShortCommand& spec, const Values& values) {
  const auto* type = session.api().Find(spec.method)->descriptor->input_type();
  Json request = Json::object();
  Values resolved = values;
  if (const int code = ResolveCheckpoints(session, &resolved); code != 0) return code;
  try {
    for (const auto& [path, text] : spec.fixed) SetField(type, path, text, &request);
    for (const auto& [path, text] : resolved) SetField(type, path, text, &request);
  } catch (const std::invalid_argument& error) {
    return session.Usage(error.what());
  }
  if (ListsAll(spec, type)) return PrintList(session, spec, std::move(request));
  return session.CallAndPrint(spec.method, std::move(request));
}

// REQUIRES: `spec` outlives the run.
void AddShort(CLI::App* app, const voxapi::Api& api, const char* topic, const ShortCommand& spec,
              Run* chosen) {
  CLI::App* command = app->add_subcommand(spec.name, spec.help)->group(topic);
  auto values = std::make_shared<Values>();
  Declare(command, api, spec, values.get());
  command->callback([&spec, values, chosen] {
    *chosen = [&spec, values](Session& session) { return RunShort(session, spec, *values); };
  });
}

std::string Extension(const std::string& path) {
  const size_t dot = path.rfind('.');
  return dot == std::string::npos || path.find('/', dot) != std::string::npos
             ? ""
             : path.substr(dot + 1);
}

// The project and the file, which the commands below begin with.
CLI::App* AddFileCommand(CLI::App* app, const char* name, const char* help, std::string* project,
                         std::string* path, const char* path_help) {
  CLI::App* command = app->add_subcommand(name, help)->group("Pictures and files");
  command->add_option("project", *project, "the project")->type_name("PROJECT")->required();
  command->add_option("file", *path, path_help)->type_name("FILE")->required();
  return command;
}

void AddRender(CLI::App* app, const voxapi::Api& api, Run* chosen) {
  struct Options {
    std::string project, path, views = "iso", size = "512", background, selection, revision;
    bool force = false, axes = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = AddFileCommand(
      app, "render", "Write a picture: voxctl render castle out.png --views front,iso",
      &options->project, &options->path, "the PNG file to write");
  const auto* spec_type =
      api.Find("render.view")->descriptor->input_type()->FindFieldByName("spec")->message_type();
  command
      ->add_option("--views", options->views,
                   "sides, or orbit:AZIMUTH,ELEVATION[,ZOOM] in degrees; all in one picture")
      ->type_name(FieldForm(spec_type->FindFieldByName("views")))
      ->capture_default_str();
  command->add_option("--size", options->size, "pixels along a side of one view")
      ->type_name("integer")
      ->capture_default_str();
  command->add_option("--background", options->background, "#0000 is transparent")
      ->type_name("COLOR");
  command->add_option("--selection", options->selection, "only what that selection holds")
      ->type_name("SELECTION");
  command->add_option("--revision", options->revision, "an earlier revision")->type_name("integer");
  command->add_flag("--axes", options->axes, "draw the axes");
  command->add_flag("--force", options->force, "replace the file");
  command->callback([options, chosen] {
    *chosen = [options](Session& session) {
      const std::string kind = Extension(options->path);
      if (!kind.empty() && strcasecmp(kind.c_str(), "png") != 0) {
        return session.Usage(options->path + ": a picture is a PNG file; name it .png");
      }
      const auto* type = session.api().Find("render.view")->descriptor->input_type();
      Json request = {{"project", options->project}};
      std::map<std::string, std::string> values = {{"project", options->project},
                                                   {"revision", options->revision}};
      if (const int code = ResolveCheckpoints(session, &values); code != 0) return code;
      try {
        SetField(type, "spec.views", options->views, &request);
        SetField(type, "spec.width", options->size, &request);
        SetField(type, "spec.height", options->size, &request);
        if (!options->revision.empty()) SetField(type, "revision", values["revision"], &request);
      } catch (const std::invalid_argument& error) {
        return session.Usage(error.what());
      }
      if (!options->background.empty()) request["spec"]["background"] = options->background;
      if (!options->selection.empty()) request["spec"]["selection"] = options->selection;
      request["spec"]["axes"] = options->axes;
      std::string png;
      const int code = session.Call("render.view", request, [&](const Message& image) {
        png =
            image.GetReflection()->GetString(image, image.GetDescriptor()->FindFieldByName("png"));
        return true;
      });
      if (code != 0) return code;
      std::string problem;
      if (!WriteFile(options->path, png, options->force, &problem)) {
        PrintFailure(session.format(),
                     {.code = "FAILED", .reason = {}, .field = {}, .message = problem});
        return 1;
      }
      PrintFile(session.format(), options->path, static_cast<int64_t>(png.size()));
      return 0;
    };
  });
}

void AddImport(CLI::App* app, Run* chosen) {
  struct Options {
    std::string project, path, at;
    bool into = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = AddFileCommand(
      app, "import", "Send a file into a new project: voxctl import castle castle.vox",
      &options->project, &options->path, "the file to send");
  command->add_flag("--into", options->into, "into a project that exists");
  command->add_option("--at", options->at, "move everything by that")->type_name("x,y,z");
  command->callback([options, chosen] {
    *chosen = [options](Session& session) {
      const auto* type = session.api().Find("transfer.import")->descriptor->input_type();
      const auto* header_type = type->FindFieldByName("header")->message_type();
      Json header = {{"project", options->project}, {"create", !options->into}};
      try {
        if (!options->at.empty()) SetField(header_type, "at", options->at, &header);
      } catch (const std::invalid_argument& error) {
        return session.Usage(error.what());
      }
      session.AddWrite(header_type, &header);
      return SendFile(session, "transfer.import", header, options->path);
    };
  });
}

void AddExport(CLI::App* app, Run* chosen) {
  struct Options {
    std::string project, path, format, selection;
    bool force = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      AddFileCommand(app, "export", "Fetch a project as a file: voxctl export castle castle.vox",
                     &options->project, &options->path,
                     "the file to write; its extension tells the format, and an .obj's materials "
                     "go beside it under its name");
  command->add_option("--format", options->format, "where the extension does not tell")
      ->type_name("FORMAT");
  command->add_option("--selection", options->selection, "only what that selection holds")
      ->type_name("SELECTION");
  command->add_flag("--force", options->force, "replace files");
  command->callback([options, chosen] {
    *chosen = [options](Session& session) {
      const std::string format =
          options->format.empty() ? Extension(options->path) : options->format;
      if (format.empty()) return session.Usage(options->path + " has no extension; give --format");
      const Json request = {
          {"project", options->project}, {"format", format}, {"selection", options->selection}};
      return ExportFile(session, request, options->path, options->force);
    };
  });
}

}  // namespace

void AddShortCommands(CLI::App* app, const voxapi::Api& api, Run* chosen) {
  static const std::vector<Topic> table = Table();
  for (const Topic& topic : table) {
    for (const ShortCommand& spec : topic.commands) AddShort(app, api, topic.name, spec, chosen);
  }
  AddWatchCommand(app, kHistory, api, chosen);
  AddInspectCommands(app, kQuestions, api, chosen);
  AddRender(app, api, chosen);
  AddImport(app, chosen);
  AddExport(app, chosen);
  AddArchiveCommands(app, kDaemon, chosen);
  AddTopCommand(app, kDaemon, chosen);
}

}  // namespace voxctl
