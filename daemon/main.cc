// voxeld: reads the command line and runs the server.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

#include "daemon/config/config.h"
#include "daemon/disk/offline_check.h"
#include "daemon/server.h"

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

voxeld::Environment ReadEnvironment() {
  // Read once, before any thread starts.
  const char* const runtime_dir = getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe)
  return {.runtime_dir = runtime_dir != nullptr ? runtime_dir : "",
          .root = geteuid() == 0,
          .cpus = static_cast<int>(std::max(1u, std::thread::hardware_concurrency())),
          .memory_bytes = MemoryBytes()};
}

}  // namespace

int main(int argc, char** argv) {
  const auto line = voxeld::ParseCommandLine(argc, argv, ReadEnvironment());
  if (!line.ok()) return Fail(line.status());
  if (!line->print.empty()) return fputs(line->print.c_str(), stdout) < 0 ? 1 : 0;
  if (!line->verify.empty()) return Verify(line->verify);
  auto server = voxeld::Server::Start(line->config);
  if (!server.ok()) return Fail(server.status());
  return (*server)->Run();
}
