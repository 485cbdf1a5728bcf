// voxeld: reads the command line and runs the server.
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "daemon/config/config.h"
#include "daemon/disk/offline_check.h"
#include "daemon/server.h"
#include "voxel/base/plain_memory.h"

namespace {

int Fail(const absl::Status& status) {
  const std::string message(status.message());
  fprintf(stderr, "voxeld: %s\n", message.c_str());
  return 2;
}

// Of the machine, or what the control group this process runs in may take, if that is less.
int64_t MemoryBytes() {
  int64_t bytes = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  int64_t allowed = 0;
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> allowed) bytes = std::min(bytes, allowed);
  return bytes;
}

int Verify(const std::string& path) {
  const auto sound = voxeld::CheckOffline(
      path, [](const std::string& line) { fprintf(stdout, "%s\n", line.c_str()); });
  if (!sound.ok()) return Fail(sound.status());
  return *sound ? 0 : 1;
}

std::vector<std::pair<std::string, std::string>> Variables() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (text.rfind("VOXELD_", 0) != 0 || equals == std::string::npos) continue;
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

int Check(const voxeld::Config& config) {
  const absl::Status status = voxeld::Server::Check(config);
  if (!status.ok()) return Fail(status);
  return puts("voxeld: a daemon can start with these settings") < 0 ? 1 : 0;
}

voxeld::Environment ReadEnvironment(const voxeld::ServiceManager& manager) {
  // Read once, before any thread starts.
  const char* const runtime_dir = getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe)
  return {.runtime_dir = runtime_dir != nullptr ? runtime_dir : "",
          .root = geteuid() == 0,
          .socket_given = manager.gives(AF_UNIX),
          .cpus = static_cast<int>(std::max(1u, std::thread::hardware_concurrency())),
          .memory_bytes = MemoryBytes(),
          .variables = Variables()};
}

}  // namespace

int main(int argc, char** argv) {
#ifdef NDEBUG
  // Debian builds Abseil with its checks on: every lock would go through one graph, under one spin
  // lock, which is a tenth of an edit. Our own builds with checks keep it.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  auto manager = voxeld::ServiceManager::Read();
  if (!manager.ok()) return Fail(manager.status());
  const auto read = [argc, argv, environment = ReadEnvironment(*manager)] {
    return voxeld::ParseCommandLine(argc, argv, environment);
  };
  const auto line = read();
  if (!line.ok()) return Fail(line.status());
  if (!line->print.empty()) return fputs(line->print.c_str(), stdout) < 0 ? 1 : 0;
  if (!line->verify.empty()) return Verify(line->verify);
  if (line->check) return Check(line->config);
  const auto reread = [read]() -> absl::StatusOr<voxeld::Config> {
    auto again = read();
    if (!again.ok()) return again.status();
    return std::move(again->config);
  };
  // Before anything is allocated of which some could be freed the other way.
  if (line->config.memory_pools == "off") voxel::SetPlainMemory();
  auto server = voxeld::Server::Start(line->config, {*std::move(manager), reread});
  if (!server.ok()) return Fail(server.status());
  return (*server)->Run();
}
