#include "bench/started_daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace voxeld::bench {
namespace {

[[noreturn]] void Fail(const char* what, const std::string& program) {
  std::fprintf(stderr, "cannot measure the start of %s: %s\n", program.c_str(), what);
  std::exit(1);
}

}  // namespace

StartedDaemon::StartedDaemon(const std::string& program, const std::string& socket)
    : socket_(socket) {
  unlink(socket.c_str());
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) Fail("no pipe", program);
  const int given = dup(ready[1]);  // not closed by exec
  std::string name = program;
  std::string where = "--socket=" + socket;
  std::string how = "--ready-fd=" + std::to_string(given);
  std::string level = "--log-level=error";
  const std::array<char*, 5> arguments = {name.data(), where.data(), how.data(), level.data(),
                                          nullptr};
  begin_ = Clock::now();
  if (posix_spawn(&pid_, name.c_str(), nullptr, nullptr, arguments.data(), environ) != 0) {
    Fail("no process", program);
  }
  close(given);
  close(ready[1]);
  char byte = 0;
  if (read(ready[0], &byte, 1) != 1) Fail("it ended before it was ready", program);
  close(ready[0]);
}

StartedDaemon::~StartedDaemon() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  unlink(socket_.c_str());
}

}  // namespace voxeld::bench
