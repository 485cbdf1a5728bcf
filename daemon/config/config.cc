#include "daemon/config/config.h"

#include <stdlib.h>

#include <CLI/CLI.hpp>

#include "daemon/config/nearest_name.h"
#include "daemon/config/option.h"
#include "daemon/config/print_config.h"
#include "daemon/config/setting.h"
#include "daemon/config/settings_file.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

// The command line as CLI11 reads it: texts, checked afterwards.
struct Texts {
  std::map<std::string, std::vector<std::string>> options;  // by name; those that were given
  std::string config, verify, ready_fd, test_commit;
  bool version = false, print_config = false, check_config = false;
};

void DeclareOptions(CLI::App* app, const std::vector<Option>& options, const Config& defaults,
                    Texts* texts) {
  for (const Option& option : options) {
    // A function, so that only what was given gets an entry.
    const auto take = [texts, name = option.name](const std::vector<std::string>& given) {
      texts->options[name] = given;
      return true;
    };
    CLI::Option* added = app->add_option(option.flag(), take, std::string(option.help))
                             ->type_name(std::string(option.placeholder()))
                             ->group(std::string(option.section));
    if (option.kind == OptionKind::kList) {
      added->expected(1)->take_all();
    } else {
      added->expected(1)->take_last();
    }
    const std::vector<std::string> fallback = option.Get(defaults);
    if (!fallback.empty() && !fallback[0].empty()) added->default_str(fallback[0]);
  }
}

void Declare(CLI::App* app, const std::vector<Option>& options, const Config& defaults,
             Texts* texts) {
  app->add_flag("--version", texts->version, "Print the version and exit");
  app->add_option("--config", texts->config,
                  "TOML file with the options below, each in the section that heads it here; the "
                  "environment (VOXELD_MAX_BATCH) and flags go before it (default: $VOXELD_CONFIG)")
      ->type_name("FILE");
  app->add_flag("--print-config", texts->print_config,
                "Print the settings, as such a file, with where each comes from, and exit");
  app->add_flag("--check-config", texts->check_config,
                "Say whether a daemon could start with these settings, and exit: 2 if not");
  app->add_option(
         "--verify", texts->verify,
         "Check a project's file, or all those of a data directory that no daemon uses, and "
         "exit: 1 if something is wrong")
      ->type_name("PATH");
  app->add_option("--ready-fd", texts->ready_fd,
                  "A descriptor to write one byte to once the socket serves")
      ->type_name("N");
  app->add_option("--test-commit", texts->test_commit,
                  "For tests: a store that writes nothing, \"delay_ms=5,fail_every=3\"")
      ->group("");  // not in --help
  DeclareOptions(app, options, defaults, texts);
}

absl::StatusOr<int64_t> ParseFlag(std::string_view flag, std::string_view text, int64_t least,
                                  int64_t most) {
  const auto value = ReadInteger(text);
  if (value.has_value() && *value >= least && *value <= most) return *value;
  return absl::InvalidArgumentError(
      voxel::StrCat("--", flag, "=", text, ": not an integer in [", least, ", ", most, "]"));
}

absl::Status ReadTestCommit(const std::string& text, Config* config) {
  if (text.empty()) return absl::OkStatus();
  Config::TestCommit& test = *(config->test_commit = Config::TestCommit());
  for (size_t begin = 0; begin < text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, comma - begin);
    const size_t equals = part.find('=');
    const std::string key = part.substr(0, equals);
    const bool reason = equals != std::string::npos && key == "reason";
    if (reason) test.reason = voxel::ReasonNamed(std::string_view(part).substr(equals + 1));
    if (equals == std::string::npos || (reason && !test.reason.has_value()) ||
        (!reason && key != "delay_ms" && key != "fail_every")) {
      return absl::InvalidArgumentError(voxel::StrCat(
          "--test-commit=", text, ": takes delay_ms=N, fail_every=N and reason=REASON"));
    }
    begin = comma + 1;
    if (reason) continue;
    VOXEL_ASSIGN_OR_RETURN(const int64_t value, ParseFlag(voxel::StrCat("test-commit ", key),
                                                          part.substr(equals + 1), 0, 1000000));
    (key == "delay_ms" ? test.delay_ms : test.fail_every) = value;
  }
  return absl::OkStatus();
}

// What all sources say, later ones winning.
struct Merged {
  Config config;
  std::map<std::string, Setting> winners;  // by the option's name

  absl::Status Take(const std::vector<Setting>& settings) {
    for (const Setting& setting : settings) {
      if (absl::Status status = setting.option->Set(setting.texts, &config); !status.ok()) {
        return Refuse(setting, setting.texts.empty() ? "" : setting.texts[0],
                      std::string_view(status.message().data(), status.message().size()));
      }
      winners[setting.option->name] = setting;
    }
    return absl::OkStatus();
  }
};

std::vector<Setting> FlagSettings(const std::vector<Option>& options, const Texts& texts) {
  std::vector<Setting> settings;
  for (const Option& option : options) {
    const auto given = texts.options.find(option.name);
    if (given == texts.options.end()) continue;
    settings.push_back({&option, given->second, option.flag(), option.flag() + "="});
  }
  return settings;
}

absl::Status MakeRootsCanonical(Merged* merged) {
  for (std::string& root : merged->config.root) {
    char* const resolved = realpath(root.c_str(), nullptr);
    if (resolved == nullptr) {
      return Refuse(merged->winners.at("root"), root, "not a directory that can be read");
    }
    root = resolved;
    free(resolved);
  }
  return absl::OkStatus();
}

// Pairs of which the first must not be more than the second.
absl::Status CheckOrder(const Merged& merged, const std::vector<Option>& options) {
  constexpr std::pair<std::string_view, std::string_view> kOrdered[] = {
      {"stream-output-bytes", "soft-output-bytes"},
      {"soft-output-bytes", "hard-output-bytes"},
      {"resp-soft-output-bytes", "resp-hard-output-bytes"},
      {"workers-min", "workers-max"}};
  const auto find = [&options](std::string_view name) -> const Option& {
    return *std::find_if(options.begin(), options.end(),
                         [name](const Option& option) { return option.name == name; });
  };
  for (const auto& [lower, upper] : kOrdered) {
    const auto value = [&](std::string_view name) {
      return merged.config.*std::get<int64_t Config::*>(find(name).field);
    };
    if (value(lower) <= value(upper)) continue;
    return absl::InvalidArgumentError(
        voxel::StrCat("--", lower, "=", find(lower).Get(merged.config)[0], " is more than --",
                      upper, "=", find(upper).Get(merged.config)[0]));
  }
  return absl::OkStatus();
}

absl::Status CheckTogether(const Config& config) {
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return absl::InvalidArgumentError("--tls-cert and --tls-key go together");
  }
  if (!config.tls_client_ca.empty() && config.tls_cert.empty()) {
    return absl::InvalidArgumentError("--tls-client-ca needs --tls-cert and --tls-key");
  }
  return absl::OkStatus();
}

// Clients find the daemon by $VOXELD_SOCKET, too, which may hold what only they understand.
absl::Status CheckSocketPath(Merged* merged, const Environment& environment) {
  std::string& path = merged->config.socket;
  if (path.empty() && environment.socket_given) return absl::OkStatus();
  if (path.empty()) {
    VOXEL_ASSIGN_OR_RETURN(path, DefaultSocketPath(environment));
    return absl::OkStatus();
  }
  const bool with_scheme = path.rfind("unix:", 0) == 0;
  if (with_scheme) path.erase(0, 5);
  if (!with_scheme && path.find('/') == std::string::npos && path.find(':') != std::string::npos) {
    return Refuse(merged->winners.at("socket"), path, "not a path; --grpc-tcp takes addresses");
  }
  return absl::OkStatus();
}

absl::Status Check(const Texts& texts, const Environment& environment,
                   const std::vector<Option>& options, Merged* merged) {
  VOXEL_RETURN_IF_ERROR(CheckOrder(*merged, options));
  VOXEL_RETURN_IF_ERROR(CheckTogether(merged->config));
  VOXEL_RETURN_IF_ERROR(MakeRootsCanonical(merged));
  VOXEL_RETURN_IF_ERROR(ReadTestCommit(texts.test_commit, &merged->config));
  if (!merged->config.data_dir.empty() && merged->config.test_commit.has_value()) {
    return absl::InvalidArgumentError(voxel::StrCat("--data-dir=", merged->config.data_dir,
                                                    " and --test-commit=", texts.test_commit,
                                                    ": only one of them can be the store"));
  }
  if (!texts.ready_fd.empty()) {
    VOXEL_ASSIGN_OR_RETURN(merged->config.ready_fd,
                           ParseFlag("ready-fd", texts.ready_fd, -1, 1000000));
  }
  for (const Option& option : options) {
    if (option.trait != OptionTrait::kLimit) continue;
    const auto* field = std::get_if<int64_t Config::*>(&option.field);
    merged->config.limits[option.name] = merged->config.**field;
  }
  return CheckSocketPath(merged, environment);
}

// The file that the flag or, without it, the variable names; empty: none.
std::string ConfigFile(const Texts& texts, const Environment& environment) {
  if (!texts.config.empty()) return texts.config;
  for (const auto& [name, value] : environment.variables) {
    if (name == "VOXELD_CONFIG") return value;
  }
  return {};
}

absl::StatusOr<Merged> Merge(const Texts& texts, const Environment& environment,
                             const Config& defaults, const std::vector<Option>& options) {
  Merged merged{defaults, {}};
  if (const std::string file = ConfigFile(texts, environment); !file.empty()) {
    VOXEL_ASSIGN_OR_RETURN(const auto settings, ReadSettingsFile(file, options));
    VOXEL_RETURN_IF_ERROR(merged.Take(settings));
  }
  std::vector<std::string> strange;
  VOXEL_ASSIGN_OR_RETURN(const auto variables, ReadVariables(environment, options, &strange));
  VOXEL_RETURN_IF_ERROR(merged.Take(variables));
  for (const std::string& name : strange) {
    merged.config.remarks.push_back(voxel::StrCat("the variable ", name, " is no option"));
  }
  VOXEL_RETURN_IF_ERROR(merged.Take(FlagSettings(options, texts)));
  VOXEL_RETURN_IF_ERROR(Check(texts, environment, options, &merged));
  return merged;
}

absl::Status UnknownArgument(const std::string& argument, const CLI::App& app) {
  const std::string flag = argument.substr(0, argument.find('='));
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty()) flags.push_back(option->get_name());
  }
  const std::string nearest = flag.rfind("--", 0) == 0 ? NearestName(flag, flags) : "";
  return absl::InvalidArgumentError(
      nearest.empty() ? voxel::StrCat(argument, ": no such option; voxeld --help lists them")
                      : voxel::StrCat(argument, ": no such option; did you mean ", nearest, "?"));
}

}  // namespace

std::string_view Version() { return VOXELD_VERSION; }

absl::StatusOr<std::string> DefaultSocketPath(const Environment& environment) {
  if (!environment.runtime_dir.empty()) return environment.runtime_dir + "/voxeld/voxeld.sock";
  if (environment.root) return std::string("/run/voxeld/voxeld.sock");
  return absl::FailedPreconditionError(
      "no place for the socket: set XDG_RUNTIME_DIR, or give --socket=PATH");
}

absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv,
                                             const Environment& environment) {
  const std::vector<Option> options = AllOptions();
  CommandLine line;
  line.config.threads = environment.cpus;
  line.config.max_memory = environment.memory_bytes / 2;
  Texts texts;
  CLI::App app("voxeld: a voxel-editing daemon.", "voxeld");
  app.allow_extras();
  Declare(&app, options, line.config, &texts);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    line.print = app.help();
    return line;
  } catch (const CLI::Error& error) {
    return absl::InvalidArgumentError(
        voxel::StrCat(error.what(), " (voxeld --help lists the flags)"));
  }
  if (!app.remaining().empty()) return UnknownArgument(app.remaining()[0], app);
  line.verify = texts.verify;
  line.check = texts.check_config;
  if (texts.version) line.print = voxel::StrCat("voxeld ", Version(), "\n");
  if (texts.version || !texts.verify.empty()) return line;
  VOXEL_ASSIGN_OR_RETURN(Merged merged, Merge(texts, environment, line.config, options));
  if (texts.print_config) {
    std::map<std::string, std::string> origins;
    for (const auto& [name, setting] : merged.winners) origins[name] = setting.origin;
    line.print = PrintConfig(options, merged.config, origins);
  }
  line.config = std::move(merged.config);
  return line;
}

void TakeReloaded(const Config& news, Config* config, std::vector<std::string>* ignored) {
  for (const Option& option : AllOptions()) {
    if (option.Same(news, *config)) continue;
    if (option.trait != OptionTrait::kReload) {
      ignored->push_back(option.flag());
    } else {
      (void)option.Set(option.Get(news), config);  // of a config that was checked
    }
  }
}

}  // namespace voxeld
