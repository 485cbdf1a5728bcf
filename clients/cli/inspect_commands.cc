#include "clients/cli/inspect_commands.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "clients/cli/fields.h"
#include "google/protobuf/message.h"

namespace voxctl {
namespace {

using google::protobuf::Message;

// Options by the paths of the fields that they fill.
using Texts = std::map<std::string, std::string>;

void AddOption(CLI::App* command, const google::protobuf::Descriptor* type, const char* name,
               const char* path, Texts* texts) {
  const auto* field = FindField(type, path);
  command->add_option(name, (*texts)[path], voxapi::CommentOf(field))->type_name(FieldForm(field));
}

// The request of the texts that were given. Throws std::invalid_argument.
Json RequestOf(const google::protobuf::Descriptor* type, const Texts& texts) {
  Json request = Json::object();
  for (const auto& [path, text] : texts) {
    if (!text.empty()) SetField(type, path, text, &request);
  }
  return request;
}

// "AXIS_X" -> "x"
std::string AxisName(const Json& slice, const char* field) {
  const std::string name = slice.value(field, "AXIS_UNSPECIFIED");
  return std::string(1, static_cast<char>(std::tolower(name.back())));
}

// The plane with its legend, for people.
std::string SliceText(const Json& slice, const std::string& where) {
  if (!slice.contains("text")) return where + ": nothing there\n";
  std::string text = where + "; " + AxisName(slice, "right") + " to the right, " +
                     AxisName(slice, "up") + " upwards\n" + slice["text"].get<std::string>();
  for (const Json& entry : slice.value("legend", Json::array())) {
    text += entry.value("symbol", "") + "  ";
    for (const char* field : {"color", "name"}) {
      if (entry.contains(field)) text += entry[field].get<std::string>() + "  ";
    }
    text += std::to_string(entry.value("cells", int64_t{0})) + "\n";
  }
  if (slice.value("truncated", false)) {
    text += "There is more beyond " + slice["box"]["max"].dump() +
            "; give --box, --step or "
            "--max-size.\n";
  }
  return text;
}

int PrintSlice(Session& session, Json request, const std::string& where) {
  if (session.format() == Format::kJson) {
    return session.CallAndPrint("inspect.slice", std::move(request));
  }
  request["rulers"] = true;
  return session.Call("inspect.slice", std::move(request), [&](const Message& response) {
    const std::string text = SliceText(Json::parse(ToJson(response)), where);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return true;
  });
}

void AddSlice(CLI::App* app, const char* topic, const voxapi::Api& api, Run* chosen) {
  struct Options {
    Texts texts;
    std::map<std::string, std::string> planes;  // axis -> position
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app->add_subcommand("slice", "Show one plane as text: voxctl slice castle --z 4")
          ->group(topic);
  const auto* type = api.Find("inspect.slice")->descriptor->input_type();
  command->add_option("project", options->texts["project"], "the project")
      ->type_name("PROJECT")
      ->required();
  for (const char* axis : {"x", "y", "z"}) {
    command
        ->add_option(std::string("--") + axis, options->planes[axis],
                     std::string("the plane at that ") + axis)
        ->type_name("integer");
  }
  for (const auto& [name, path] :
       {std::pair{"--layer", "layer"}, std::pair{"--box", "box"}, std::pair{"--step", "step"},
        std::pair{"--max-size", "max_size"}, std::pair{"--revision", "revision"}}) {
    AddOption(command, type, name, path, &options->texts);
  }
  command->callback([options, type, chosen] {
    *chosen = [options, type](Session& session) {
      std::string where;
      for (const auto& [axis, position] : options->planes) {
        if (position.empty()) continue;
        if (!where.empty()) return session.Usage("a slice is one plane: give one of --x, --y, --z");
        where = axis + " = " + position;
        options->texts["axis"] = axis;
        options->texts["position"] = position;
      }
      if (where.empty()) return session.Usage("which plane? give --x, --y or --z");
      Json request;
      try {
        request = RequestOf(type, options->texts);
      } catch (const std::invalid_argument& error) {
        return session.Usage(error.what());
      }
      return PrintSlice(session, std::move(request), where);
    };
  });
}

// Whether some check of a response failed.
bool AnyFailed(const Json& response) {
  return std::any_of(response.begin(), response.end(), [](const Json& part) {
    return part.is_object() && part.value("verdict", "") == "VERDICT_FAILED";
  });
}

void AddCheck(CLI::App* app, const char* topic, const voxapi::Api& api, Run* chosen) {
  struct Options {
    Texts texts;
    bool strict = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand("check",
                                          "Look for floating parts, cavities, thin walls, leaks: "
                                          "voxctl check castle --checks floating,cavities")
                          ->group(topic);
  const auto* type = api.Find("inspect.check_structure")->descriptor->input_type();
  command->add_option("project", options->texts["project"], "the project")
      ->type_name("PROJECT")
      ->required();
  for (const auto& [name, path] :
       {std::pair{"--checks", "checks"}, std::pair{"--layer", "layer"}, std::pair{"--box", "box"},
        std::pair{"--support", "support"}, std::pair{"--ground", "ground"},
        std::pair{"--min-thickness", "min_thickness"}, std::pair{"--max-items", "max_items"},
        std::pair{"--revision", "revision"}}) {
    AddOption(command, type, name, path, &options->texts);
  }
  command->add_flag("--strict", options->strict, "exit with 1 if a check fails");
  command->callback([options, type, chosen] {
    *chosen = [options, type](Session& session) {
      Json request;
      try {
        request = RequestOf(type, options->texts);
      } catch (const std::invalid_argument& error) {
        return session.Usage(error.what());
      }
      bool failed = false;
      const int code =
          session.Call("inspect.check_structure", std::move(request), [&](const Message& response) {
            Print(session.format(), response);
            failed = AnyFailed(Json::parse(ToJson(response)));
            return true;
          });
      return code == 0 && failed && options->strict ? 1 : code;
    };
  });
}

}  // namespace

std::vector<ShortCommand> InspectCommands() {
  return {
      {"histogram",
       "inspect.histogram",
       "List all colours, and how full each axis is: voxctl histogram castle --buckets 8",
       {{"project", "project"},
        {"--layer", "layer"},
        {"--box", "box"},
        {"--buckets", "buckets"},
        {"--page-size", "page_size"},
        {"--page-token", "page_token"},
        {"--revision", "revision"}}},
      {"find",
       "inspect.find_color",
       "Say where a colour is: voxctl find castle '#c33' --tolerance 16",
       {{"project", "project"},
        {"color", "color"},
        {"--tolerance", "tolerance"},
        {"--layer", "layer"},
        {"--box", "box"},
        {"--form", "form"},
        {"--max-items", "max_items"},
        {"--page-token", "page_token"},
        {"--revision", "revision"}}},
      {"parts",
       "inspect.components",
       "List the connected parts, largest first: voxctl parts castle",
       {{"project", "project"},
        {"--layer", "layer"},
        {"--box", "box"},
        {"--max-components", "max_components"},
        {"--revision", "revision"}}},
      {"compare",
       "inspect.compare",
       "Score a project against a blueprint: voxctl compare castle plan",
       {{"project", "project"},
        {"blueprint", "blueprint.project"},
        {"--layer", "layer"},
        {"--box", "box"},
        {"--revision", "revision"},
        {"--blueprint-layer", "blueprint.layer"},
        {"--blueprint-box", "blueprint.box"},
        {"--blueprint-revision", "blueprint.revision"},
        {"--offset", "blueprint.offset"},
        {"--tolerance", "tolerance"},
        {"--ignore-colors", "ignore_colors"},
        {"--max-items", "max_items"}}},
      {"pick",
       "render.pick",
       "Say which voxel a picture shows at a pixel: voxctl pick castle 200 140 --views iso",
       {{"project", "project"},
        {"x", "x"},
        {"y", "y"},
        {"--views", "spec.views"},
        {"--width", "spec.width"},
        {"--height", "spec.height"},
        {"--focus", "spec.focus"},
        {"--revision", "revision"}}},
  };
}

void AddInspectCommands(CLI::App* app, const char* topic, const voxapi::Api& api, Run* chosen) {
  AddSlice(app, topic, api, chosen);
  AddCheck(app, topic, api, chosen);
}

}  // namespace voxctl
