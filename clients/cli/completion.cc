#include "clients/cli/completion.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "clients/cli/connection.h"
#include "google/protobuf/message.h"

namespace voxctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::chrono::milliseconds kPatience{1000};
constexpr std::string_view kListMark = ",...";

struct Candidate {
  std::string word;
  std::string help;
};

// The command line up to the word that is being completed.
struct Line {
  const CLI::App* program = nullptr;
  const CLI::App* command = nullptr;  // the subcommand; before it is named, the program
  std::map<const CLI::Option*, std::string> given;
  size_t positionals = 0;              // of the command, that stand already
  const CLI::Option* takes = nullptr;  // the option whose value is being completed
  std::string kept;     // what stands before that value in the same word: "--mode=" or "front,"
  std::string current;  // what there is of the value
};

// What the daemon knows names of.
struct Asked {
  const char* type_name;
  const char* method;
  const char* list;  // the repeated message of the response
  const char* name;  // its field that is the name
};
constexpr Asked kAsked[] = {{"PROJECT", "project.list", "projects", "project"},
                            {"LAYER", "layer.list", "layers", "layer"},
                            {"SELECTION", "selection.list", "selections", "selection"},
                            {"FORMAT", "transfer.formats", "formats", "format"}};

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

const CLI::Option* FindOption(const Line& line, const std::string& name) {
  const CLI::Option* option = line.command->get_option_no_throw(name);
  return option != nullptr ? option : line.program->get_option_no_throw(name);
}

const CLI::App* FindCommand(const CLI::App& program, const std::string& name) {
  const auto found =
      program.get_subcommands([&](const CLI::App* app) { return app->check_name(name); });
  return found.empty() ? nullptr : found.front();
}

// The option that the positional argument number `index` of the command goes to; the last one may
// take several.
const CLI::Option* Positional(const CLI::App& command, size_t index) {
  const CLI::Option* last = nullptr;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional()) continue;
    if (index-- == 0) return option;
    last = option;
  }
  return last != nullptr && last->get_items_expected_max() > 1 ? last : nullptr;
}

// "-1,0,0" is an argument.
bool IsFlag(const std::string& word) {
  return word.size() > 1 && word[0] == '-' &&
         std::isdigit(static_cast<unsigned char>(word[1])) == 0;
}

// Takes in one of the words before the last.
void Read(const std::string& word, Line* line) {
  if (line->takes != nullptr) {
    if (word == "=") return;  // bash makes "--mode=over" three words
    line->given[std::exchange(line->takes, nullptr)] = word;
  } else if (IsFlag(word)) {
    const size_t equals = word.find('=');
    const CLI::Option* option = FindOption(*line, word.substr(0, equals));
    if (option == nullptr) return;
    line->given[option] = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (equals == std::string::npos && TakesValue(*option)) line->takes = option;
  } else if (line->command == line->program) {
    const CLI::App* command = FindCommand(*line->program, word);
    if (command != nullptr) line->command = command;
  } else if (const CLI::Option* option = Positional(*line->command, line->positionals++);
             option != nullptr) {
    line->given[option] = word;
  }
}

Line ReadLine(const CLI::App& app, const std::vector<std::string>& words) {
  Line line;
  line.program = line.command = &app;
  for (size_t i = 0; i + 1 < words.size(); ++i) Read(words[i], &line);
  line.current = words.empty() ? "" : words.back();
  const size_t equals = line.current.find('=');
  if (line.takes == nullptr && IsFlag(line.current) && equals != std::string::npos) {
    line.takes = FindOption(line, line.current.substr(0, equals));
    line.kept = line.current.substr(0, equals + 1);
    line.current.erase(0, equals + 1);
  } else if (line.takes == nullptr && line.command != line.program && line.current[0] != '-') {
    line.takes = Positional(*line.command, line.positionals);
  }
  return line;
}

std::vector<Candidate> Commands(const CLI::App& program) {
  std::vector<Candidate> found;
  const auto all = [](const CLI::App*) { return true; };
  for (const CLI::App* command : program.get_subcommands(all)) {
    found.push_back({command->get_name(), command->get_description()});
  }
  return found;
}

// The flags of the command and the global ones that are not given yet.
std::vector<Candidate> Flags(const Line& line) {
  std::vector<Candidate> found;
  const auto add = [&](const CLI::App& app) {
    for (const CLI::Option* option : app.get_options()) {
      if (option->get_lnames().empty() || line.given.count(option) > 0) continue;
      found.push_back({"--" + option->get_lnames().front(), option->get_description()});
    }
  };
  add(*line.command);
  if (line.command != line.program) add(*line.program);
  return found;
}

// What was given for the option of that kind or name; empty if nothing was.
std::string Given(const Line& line, std::string_view type_or_name) {
  for (const auto& [option, text] : line.given) {
    if (option->get_type_name() == type_or_name || option->check_name(std::string(type_or_name)))
      return text;
  }
  return {};
}

void SetString(Message* message, const char* name, const std::string& value) {
  const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
  if (field != nullptr) message->GetReflection()->SetString(message, field, value);
}

std::vector<Candidate> NamesOf(const Message& response, const Asked& asked) {
  std::vector<Candidate> found;
  const auto* reflection = response.GetReflection();
  const FieldDescriptor* list = response.GetDescriptor()->FindFieldByName(asked.list);
  for (int i = 0; i < reflection->FieldSize(response, list); ++i) {
    const Message& one = reflection->GetRepeatedMessage(response, list, i);
    const auto text = [&](const char* name) {
      return one.GetReflection()->GetString(one, one.GetDescriptor()->FindFieldByName(name));
    };
    found.push_back({text(asked.name), text("title")});
  }
  return found;
}

std::vector<Candidate> Ask(const Line& line, const voxapi::Api& api, const Asked& asked) {
  const voxapi::ApiMethod& method = *api.Find(asked.method);
  const std::unique_ptr<Message> request = api.New(method.descriptor->input_type());
  SetString(request.get(), "project", Given(line, "PROJECT"));
  SetString(request.get(), "prefix", line.current);
  const std::string socket = Given(line, "--socket");
  Connection connection(socket.empty() ? DefaultSocket() : socket, kPatience, kPatience);
  std::vector<Candidate> found;
  Failure unheard;
  const auto take = [&](const Message& response) {
    found = NamesOf(response, asked);
    return true;
  };
  if (!connection.Call(api, method, *request, take, &unheard)) return {};
  return found;
}

// What the option takes. Of a list the last entry is being completed.
std::vector<Candidate> Values(const voxapi::Api& api, Line* line, bool* files) {
  std::string type = line->takes->get_type_name();
  if (absl::EndsWith(type, std::string(kListMark))) {
    type.resize(type.size() - kListMark.size());
    const size_t entry = line->current.rfind(',') + 1;
    line->kept += line->current.substr(0, entry);
    line->current.erase(0, entry);
  }
  *files = type == "FILE" || type == "DIR";
  for (const Asked& asked : kAsked) {
    if (type == asked.type_name) return Ask(*line, api, asked);
  }
  std::vector<Candidate> found;
  if (type.find('|') == std::string::npos) return found;
  for (const auto word : absl::StrSplit(type, '|')) found.push_back({std::string(word), ""});
  return found;
}

}  // namespace

int PrintCompletions(const CLI::App& app, const voxapi::Api& api,
                     const std::vector<std::string>& words) {
  Line line = ReadLine(app, words);
  bool files = false;
  std::vector<Candidate> found;
  if (line.takes != nullptr) {
    found = Values(api, &line, &files);
  } else if (absl::StartsWith(line.current, "-")) {
    found = Flags(line);
  } else if (line.command == line.program) {
    found = Commands(*line.program);
  }
  for (const Candidate& one : found) {
    if (!absl::StartsWith(one.word, line.current)) continue;
    std::printf("%s%s%s%s\n", line.kept.c_str(), one.word.c_str(), one.help.empty() ? "" : "\t",
                one.help.c_str());
  }
  if (files) std::puts(":files");
  return 0;
}

}  // namespace voxctl
