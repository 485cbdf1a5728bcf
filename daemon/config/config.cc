#include "daemon/config/config.h"

#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <functional>

#include "daemon/config/flag_value.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

enum class Kind : uint8_t { kCount, kBytes };

// One number among the settings: its flag, where it goes, what it may be.
struct NumberFlag {
  const char* name;
  int64_t Config::*field;
  Kind kind;
  FlagRange range;
  bool limit;  // shown by admin.info
  const char* help;
};

constexpr int64_t kGiB = int64_t{1} << 30;
constexpr NumberFlag kNumbers[] = {
    {"max-connections",
     &Config::max_connections,
     Kind::kCount,
     {1, 1000000},
     true,
     "Connections at once; more are closed before a byte is read"},
    {"max-message-bytes",
     &Config::max_message_bytes,
     Kind::kBytes,
     {1024, kGiB},
     true,
     "One gRPC message, one JSON-RPC line"},
    {"max-upload-bytes",
     &Config::max_upload_bytes,
     Kind::kBytes,
     {1024, 64 * kGiB},
     true,
     "One upload in parts: an imported file, a written region"},
    {"max-batch",
     &Config::max_batch,
     Kind::kCount,
     {1, 1000000},
     true,
     "Requests in a JSON-RPC batch"},
    {"max-edits",
     &Config::max_edits,
     Kind::kCount,
     {1, 10000000},
     true,
     "Edits in one apply_edits"},
    {"max-voxels",
     &Config::max_voxels,
     Kind::kCount,
     {1, int64_t{1} << 62},
     true,
     "Voxels that one edit may cover"},
    {"max-import-voxels",
     &Config::max_import_voxels,
     Kind::kCount,
     {1, int64_t{1} << 40},
     true,
     "Voxels in one imported file"},
    {"max-read-voxels",
     &Config::max_read_voxels,
     Kind::kCount,
     {1, int64_t{1} << 40},
     true,
     "Voxels that one read may cover"},
    {"max-batch-bytes",
     &Config::max_batch_bytes,
     Kind::kBytes,
     {int64_t{1} << 20, int64_t{1} << 46},
     true,
     "Memory that one batch of edits may add"},
    {"max-memory",
     &Config::max_memory,
     Kind::kBytes,
     {int64_t{1} << 20, int64_t{1} << 46},
     true,
     "Memory for the voxels of all projects, old revisions too; what would add more is refused "
     "(default: half of the machine's)"},
    {"max-projects", &Config::max_projects, Kind::kCount, {1, 10000000}, true, "Projects in all"},
    {"max-layers", &Config::max_layers, Kind::kCount, {1, 1000000}, true, "Layers in one project"},
    {"max-selections",
     &Config::max_selections,
     Kind::kCount,
     {1, 1000000},
     true,
     "Selections in one project"},
    {"max-checkpoints",
     &Config::max_checkpoints,
     Kind::kCount,
     {0, 1000000},
     true,
     "Checkpoints of one project"},
    {"max-watches",
     &Config::max_watches,
     Kind::kCount,
     {1, 1000000},
     true,
     "Watches of one project"},
    {"watch-backlog",
     &Config::watch_backlog,
     Kind::kCount,
     {1, 10000000},
     true,
     "Revisions that the client of a watch may leave untaken before the watch is ended"},
    {"retained-bytes",
     &Config::retained_bytes,
     Kind::kBytes,
     {0, int64_t{1} << 46},
     true,
     "Memory for old revisions of one project, checkpoints aside; the oldest are dropped first"},
    {"retained-revisions",
     &Config::retained_revisions,
     Kind::kCount,
     {1, 10000000},
     true,
     "Old revisions of one project"},
    {"compression",
     &Config::compression,
     Kind::kCount,
     {0, 19},
     false,
     "How hard zstd works on what --data-dir keeps; 0: not at all"},
    {"threads",
     &Config::threads,
     Kind::kCount,
     {1, 1024},
     false,
     "Threads that one large operation may use (default: the processors)"},
    {"workers-max",
     &Config::workers_max,
     Kind::kCount,
     {2, 1024},
     false,
     "Threads for calls that take long; idle ones end"},
    {"ready-fd",
     &Config::ready_fd,
     Kind::kCount,
     {-1, 1000000},
     false,
     "A descriptor to write one byte to once the socket serves"},
};

// The command line as CLI11 reads it: texts, checked afterwards.
struct Texts {
  std::map<std::string, std::string> numbers;
  std::string socket, grpc_tcp, data_dir, grace_period = "10s", log_level = "info", test_commit,
                                          verify;
  std::vector<std::string> roots;
  bool version = false;
};

void Declare(CLI::App* app, const Config& defaults, Texts* texts) {
  app->add_flag("--version", texts->version, "Print the version and exit");
  app->add_option("--socket", texts->socket,
                  "Path of the socket (default: $XDG_RUNTIME_DIR/voxeld/voxeld.sock, or "
                  "/run/voxeld/voxeld.sock for root)")
      ->type_name("PATH");
  app->add_option("--grpc-tcp", texts->grpc_tcp,
                  "Also serve gRPC on this loopback address, to every user of this machine")
      ->type_name("HOST:PORT");
  app->add_option("--root", texts->roots,
                  "Directory whose files calls may name by `path`; may be repeated (default: none)")
      ->type_name("DIR")
      ->expected(1)
      ->take_all();
  app->add_option(
         "--data-dir", texts->data_dir,
         "Directory where projects are kept, made if it is not there; one daemon at a time "
         "(default: none, projects end with the process)")
      ->type_name("DIR");
  app->add_option(
         "--verify", texts->verify,
         "Check a project's file, or all those of a data directory that no daemon uses, and "
         "exit: 1 if something is wrong")
      ->type_name("PATH");
  for (const NumberFlag& flag : kNumbers) {
    std::string& text = texts->numbers[flag.name];
    CLI::Option* option = app->add_option(voxel::StrCat("--", flag.name), text, flag.help);
    option->type_name(flag.kind == Kind::kBytes ? "BYTES" : "N");
    if (defaults.*flag.field >= 0) option->default_str(voxel::StrCat(defaults.*flag.field));
  }
  app->add_option("--grace-period", texts->grace_period,
                  "How long running calls may go on when the daemon is told to stop")
      ->type_name("TIME")
      ->capture_default_str();
  app->add_option("--log-level", texts->log_level, "debug, info, warning or error")
      ->type_name("LEVEL")
      ->capture_default_str();
  app->add_option("--test-commit", texts->test_commit,
                  "For tests: a store that writes nothing, \"delay_ms=5,fail_every=3\"")
      ->group("");  // not in --help
}

absl::Status ReadNumbers(const Texts& texts, Config* config) {
  for (const NumberFlag& flag : kNumbers) {
    const std::string& text = texts.numbers.at(flag.name);
    if (!text.empty()) {
      auto parse = flag.kind == Kind::kBytes ? ParseBytes : ParseCount;
      VOXEL_ASSIGN_OR_RETURN(config->*flag.field, parse(flag.name, text, flag.range));
    }
    if (flag.limit) config->limits[flag.name] = config->*flag.field;
  }
  return absl::OkStatus();
}

absl::Status ReadRoots(const Texts& texts, Config* config) {
  for (const std::string& root : texts.roots) {
    char* const resolved = realpath(root.c_str(), nullptr);
    if (resolved == nullptr) {
      return absl::InvalidArgumentError(
          voxel::StrCat("--root=", root, ": not a directory that can be read"));
    }
    config->roots.emplace_back(resolved);
    free(resolved);
  }
  return absl::OkStatus();
}

absl::Status ReadDataDir(const Texts& texts, Config* config) {
  config->data_dir = texts.data_dir;
  if (texts.data_dir.empty() || texts.test_commit.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(voxel::StrCat("--data-dir=", texts.data_dir,
                                                  " and --test-commit=", texts.test_commit,
                                                  ": only one of them can be the store"));
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
    VOXEL_ASSIGN_OR_RETURN(const int64_t value, ParseCount(voxel::StrCat("test-commit ", key),
                                                           part.substr(equals + 1), {0, 1000000}));
    (key == "delay_ms" ? test.delay_ms : test.fail_every) = value;
  }
  return absl::OkStatus();
}

absl::Status ReadLogLevel(const std::string& text, Config* config) {
  for (const std::string_view level : {"debug", "info", "warning", "error"}) {
    if (level != text) continue;
    config->log_level = text;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      voxel::StrCat("--log-level=", text, ": not one of debug, info, warning, error"));
}

absl::Status ReadTexts(const Texts& texts, const Environment& environment, Config* config) {
  VOXEL_RETURN_IF_ERROR(ReadNumbers(texts, config));
  VOXEL_RETURN_IF_ERROR(ReadRoots(texts, config));
  VOXEL_RETURN_IF_ERROR(ReadDataDir(texts, config));
  VOXEL_RETURN_IF_ERROR(ReadTestCommit(texts.test_commit, config));
  VOXEL_ASSIGN_OR_RETURN(config->grace_period, ParseDuration("grace-period", texts.grace_period));
  VOXEL_RETURN_IF_ERROR(ReadLogLevel(texts.log_level, config));
  config->grpc_tcp = texts.grpc_tcp;
  config->socket_path = texts.socket;
  if (!texts.socket.empty()) return absl::OkStatus();
  VOXEL_ASSIGN_OR_RETURN(config->socket_path, DefaultSocketPath(environment));
  return absl::OkStatus();
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
  CommandLine line;
  line.config.threads = environment.cpus;
  line.config.max_memory = environment.memory_bytes / 2;
  Texts texts;
  CLI::App app("voxeld: a voxel-editing daemon.", "voxeld");
  Declare(&app, line.config, &texts);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    line.print = app.help();
    return line;
  } catch (const CLI::Error& error) {
    return absl::InvalidArgumentError(
        voxel::StrCat(error.what(), " (voxeld --help lists the flags)"));
  }
  if (texts.version) {
    line.print = voxel::StrCat("voxeld ", Version(), "\n");
    return line;
  }
  line.verify = texts.verify;
  if (!line.verify.empty()) return line;
  VOXEL_RETURN_IF_ERROR(ReadTexts(texts, environment, &line.config));
  return line;
}

}  // namespace voxeld
