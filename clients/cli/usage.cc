#include "clients/cli/usage.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "clients/cli/session.h"

namespace voxctl {
namespace {

constexpr char kExamples[] = R"(Examples:
  voxctl new castle
  voxctl box castle 0,0,0 20,20,10 --color '#876' --wall 1
  voxctl ball castle 5,5,10 15,15,20 --color '#c33'
  voxctl render castle castle.png --views front,iso
  voxctl export castle castle.vox
  voxctl voxel.get --project castle --xyz 0,0,0 -o json

`voxctl COMMAND --help` explains a command; `voxctl completion --help` sets up completion.

Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict, 5 unavailable or too late,
6 denied, 7 over a limit.)";

constexpr char kGlobalOptions[] =
    "Options of every command (--socket, --timeout, --wait, -o, --actor, --comment, --dry-run): "
    "voxctl "
    "--help";

// Levenshtein's distance.
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, diagonal + 1, replaced});
    }
  }
  return row.back();
}

std::vector<const CLI::App*> Commands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// The one of `names` that is like `name`, or empty.
std::string Similar(const std::vector<std::string>& names, const std::string& name) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, name.size() / 4 + 1);
  for (const std::string& other : names) {
    const size_t distance = Distance(name, other);
    if (distance >= best_distance && (distance > best_distance || !best.empty())) continue;
    if (distance == name.size()) continue;  // nothing in common
    best = other;
    best_distance = distance;
  }
  return best;
}

std::string SimilarCommand(const CLI::App& app, const std::string& name) {
  std::vector<std::string> names;
  for (const CLI::App* command : Commands(app)) names.push_back(command->get_name());
  return Similar(names, name);
}

std::string SimilarOption(const CLI::App& app, const CLI::App* command, const std::string& name) {
  std::vector<std::string> names;
  for (const CLI::App* owner : {&app, command}) {
    if (owner == nullptr) continue;
    for (const CLI::Option* option : owner->get_options()) {
      for (const std::string& one : option->get_lnames()) names.push_back("--" + one);
    }
  }
  return Similar(names, name);
}

std::string Unknown(const char* kind, const std::string& name, const std::string& meant) {
  return std::string("no ") + kind + " " + name + (meant.empty() ? "" : ", perhaps " + meant);
}

// What is wrong with the first argument that looks like an option and is none of the command's;
// empty if there is none. It goes before an option that is missing, which may be the same one
// spelled otherwise.
std::string UnknownOption(const CLI::App& app, const CLI::App* command) {
  for (const std::string& argument : app.remaining(/*recurse=*/true)) {
    if (argument.rfind("--", 0) != 0 || argument == "--") continue;
    const std::string name = argument.substr(0, argument.find('='));
    return Unknown("option", name, SimilarOption(app, command, name));
  }
  return "";
}

std::string Complaint(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  const CLI::App* command = chosen.empty() ? nullptr : chosen.front();
  const std::string program = command == nullptr ? "voxctl" : "voxctl " + command->get_name();
  std::string wrong = UnknownOption(app, command);
  const std::vector<std::string> unknown = app.remaining();
  if (wrong.empty() && command == nullptr && !unknown.empty()) {
    const std::string& name = unknown.front();
    wrong = name[0] == '-' ? Unknown("option", name, "")
                           : Unknown("command", name, SimilarCommand(app, name));
  }
  if (!wrong.empty()) return program + ": " + wrong + "; see: " + program + " --help";
  if (command == nullptr && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
    return "voxctl: which command? see: voxctl --help";
  return program + ": " + error.what() + "; see: " + program + " --help";
}

}  // namespace

int ExitOnUsage(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  std::fprintf(stderr, "%s\n", Complaint(app, error).c_str());
  return kUsage;
}

void AddFooters(CLI::App* app) {
  app->footer(kExamples);
  for (CLI::App* command : app->get_subcommands([](CLI::App*) { return true; })) {
    const std::string own = command->get_footer();
    command->footer(own.empty() ? kGlobalOptions : own + "\n\n" + kGlobalOptions);
  }
}

}  // namespace voxctl
