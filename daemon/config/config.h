// The daemon's settings: its command line, checked. `voxeld --help` is the documentation of each.
//
// Threading: plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "voxel/base/error.h"

namespace voxeld {

// "0.1.0".
std::string_view Version();

// What the defaults are made from.
struct Environment {
  std::string runtime_dir;  // $XDG_RUNTIME_DIR; empty: not set
  bool root = false;
  int cpus = 1;
  int64_t memory_bytes = int64_t{4} << 30;  // the machine's, or what the control group may take
};

struct Config {
  std::string socket_path;
  std::string grpc_tcp;            // "127.0.0.1:50051"; empty: no TCP
  std::vector<std::string> roots;  // absolute, canonical directories
  std::string data_dir;            // where projects are kept; empty: in memory only

  int64_t max_connections = 4096;
  int64_t max_message_bytes = int64_t{16} << 20;
  int64_t max_upload_bytes = int64_t{256} << 20;
  int64_t max_batch = 1024;
  int64_t max_edits = 100000;
  int64_t max_voxels = int64_t{1} << 40;
  int64_t max_import_voxels = int64_t{64} << 20;
  int64_t max_read_voxels = int64_t{16} << 20;
  int64_t max_batch_bytes = int64_t{4} << 30;
  int64_t max_memory = int64_t{4} << 30;
  int64_t max_projects = 10000;
  int64_t max_layers = 4096;
  int64_t max_selections = 1024;
  int64_t max_checkpoints = 1000;
  int64_t max_watches = 4096;  // of one project
  int64_t watch_backlog = 4096;
  int64_t retained_bytes = int64_t{64} << 20;
  int64_t retained_revisions = 10000;
  int64_t compression = 3;  // zstd's level for what is kept
  int64_t threads = 1;
  int64_t workers_max = 16;
  absl::Duration grace_period = absl::Seconds(10);
  std::string log_level = "info";
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
};

// The command line as settings, or what to print instead (--help, --version).
struct CommandLine {
  Config config;
  std::string print;   // not empty: print this and end well
  std::string verify;  // not empty: check what is there and end
};

// InvalidArgument: names the flag, the value and what is accepted; FailedPrecondition: no socket
// path can be found.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv,
                                             const Environment& environment);

// Where the socket goes if no flag says so: $XDG_RUNTIME_DIR/voxeld/voxeld.sock, or
// /run/voxeld/voxeld.sock for root. FailedPrecondition if there is neither.
absl::StatusOr<std::string> DefaultSocketPath(const Environment& environment);

}  // namespace voxeld
