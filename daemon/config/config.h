// The daemon's settings: defaults, then a file, then the environment, then the command line, each
// checked. option_table.inc lists the options; docs/configuration.md describes them.
//
// Threading: plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/config/units.h"
#include "voxel/base/error.h"

namespace voxeld {

// "0.1.0".
std::string_view Version();

// What the defaults are made from, and the variables that may say otherwise.
struct Environment {
  std::string runtime_dir;  // $XDG_RUNTIME_DIR; empty: not set
  bool root = false;
  bool socket_given = false;  // whoever started us opened it: none need be found
  int cpus = 1;
  int64_t memory_bytes = int64_t{4} << 30;  // the machine's, or what the control group may take
  // Those whose names begin with VOXELD_.
  std::vector<std::pair<std::string, std::string>> variables = {};
};

struct Config {
  // One field for each line of the table.
#define VOXELD_COUNT(section, field, fallback, least, most, trait, help) int64_t field = fallback;
#define VOXELD_BYTES(section, field, fallback, least, most, trait, help) int64_t field = fallback;
#define VOXELD_TIME(section, field, fallback, shortest, longest, trait, help) \
  absl::Duration field = fallback;
#define VOXELD_TEXT(section, field, fallback, accepts, trait, help) std::string field = fallback;
#define VOXELD_LIST(section, field, accepts, trait, help) std::vector<std::string> field;
#define VOXELD_CHOICE(section, field, fallback, accepts, trait, help) std::string field = fallback;
#include "daemon/config/option_table.inc"

  int64_t ready_fd = -1;  // written a byte to when serving

  // For tests: a store that only pretends to write, with a delay, and failures.
  struct TestCommit {
    int64_t delay_ms = 0;
    int64_t fail_every = 0;  // 0: never
    // Of those failures; none: one that the store says nothing about.
    std::optional<voxel::Reason> reason;
  };
  std::optional<TestCommit> test_commit;

  std::map<std::string, int64_t> limits;  // every limit by the name of its flag, for admin.info
  std::vector<std::string> remarks;       // what the log should say about the settings
};

// The command line as settings, or what to do instead of serving.
struct CommandLine {
  Config config;
  std::string print;   // not empty: print this and end well
  std::string verify;  // not empty: check what is there and end
  bool check = false;  // --check-config: say whether a daemon could start with this, and end
};

// InvalidArgument: names the flag, variable or place in the file, the value and what is accepted;
// FailedPrecondition: no socket path can be found. `root`s are absolute, canonical directories.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv,
                                             const Environment& environment);

// The options that SIGHUP changes are taken from `news`; `ignored` gets the flags of the others
// that differ and need a restart.
void TakeReloaded(const Config& news, Config* config, std::vector<std::string>* ignored);

// Where the socket goes if nothing says so: $XDG_RUNTIME_DIR/voxeld/voxeld.sock, or
// /run/voxeld/voxeld.sock for root. FailedPrecondition if there is neither.
absl::StatusOr<std::string> DefaultSocketPath(const Environment& environment);

}  // namespace voxeld
