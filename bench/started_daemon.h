// A daemon that was started to see how long that takes.
//
// Errors: printed, and the program ends with 1.
#pragma once

#include <sys/types.h>

#include <string>

#include "bench/latencies.h"

namespace voxeld::bench {

class StartedDaemon {
 public:
  // Runs that program with `socket` (a path that is replaced) and returns once it says that it
  // serves: by a byte in a pipe, for which this thread sleeps, so that the start has the processor
  // to itself. Runs where this thread may.
  StartedDaemon(const std::string& program, const std::string& socket);
  // Kills it; there is nothing in it worth keeping.
  ~StartedDaemon();
  StartedDaemon(const StartedDaemon&) = delete;
  StartedDaemon& operator=(const StartedDaemon&) = delete;

  // When there was no process yet.
  Clock::time_point begin() const { return begin_; }

 private:
  const std::string socket_;
  Clock::time_point begin_;
  pid_t pid_ = -1;
};

}  // namespace voxeld::bench
