// The daemon's log: one line an event on a file descriptor (log_line.h), written with one system
// call.
//
// Floods:    at most a few lines of the same text, and of the same fields but for numbers, are
//            written in a while, and so many debug and info lines a second; how many were left out
//            is said with the next one.
// Secrets:   tokens and keys never come here: callers name their file, or who holds them.
// Threading: any thread; lines do not mix.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/stats/log_line.h"
#include "daemon/stats/repeat_limit.h"

namespace voxeld {

// "debug", "info", "warning" or "error".
std::optional<Severity> ParseSeverity(std::string_view name);

class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  // Writes what is at least `least` to `fd`, which must stay open.
  Log(int fd, Severity least, int lines_per_second = 200, LogFormat format = LogFormat::kText);

  bool enabled(Severity severity) const {
    return severity >= least_.load(std::memory_order_relaxed);
  }
  void set_least(Severity least) { least_.store(least, std::memory_order_relaxed); }

  // `message` says what happened, always in the same words; the fields say to whom and how much.
  void Write(Severity severity, std::string_view message, Fields fields = {}) const;
  void Debug(std::string_view message, Fields fields = {}) const {
    Write(Severity::kDebug, message, fields);
  }
  void Info(std::string_view message, Fields fields = {}) const {
    Write(Severity::kInfo, message, fields);
  }
  void Warning(std::string_view message, Fields fields = {}) const {
    Write(Severity::kWarning, message, fields);
  }
  void Error(std::string_view message, Fields fields = {}) const {
    Write(Severity::kError, message, fields);
  }

 private:
  bool WithinBudget(int64_t second) const;

  const int fd_;
  const int lines_per_second_;
  const LogFormat format_;
  std::atomic<Severity> least_;  // a late change can but write or leave out a line more
  // Counters of a rate limit: a race between threads can but shift a line to the next second.
  mutable std::atomic<int64_t> second_{0};
  mutable std::atomic<int> lines_{0};
  mutable std::atomic<int64_t> left_out_{0};
  mutable RepeatLimit alike_;
};

}  // namespace voxeld
