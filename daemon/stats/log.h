// The daemon's log: one line an event on a file descriptor, written with one system call.
//
//     2026-11-20T16:01:37.123Z INFO  voxeld 0.1.0 listening on /run/voxeld/voxeld.sock
//
// Newlines and other control characters in a message are escaped, so that no client can forge a
// line.
// Threading: any thread; lines do not mix.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace voxeld {

enum class Severity : uint8_t { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning" or "error".
std::optional<Severity> ParseSeverity(std::string_view name);

class Log {
 public:
  // Writes what is at least `least` to `fd`, which must stay open. At most `lines_per_second` of
  // debug and info lines are written; how many were left out is said with the next one.
  Log(int fd, Severity least, int lines_per_second = 200);

  bool enabled(Severity severity) const { return severity >= least_; }
  void Write(Severity severity, std::string_view message) const;
  void Debug(std::string_view message) const { Write(Severity::kDebug, message); }
  void Info(std::string_view message) const { Write(Severity::kInfo, message); }
  void Warning(std::string_view message) const { Write(Severity::kWarning, message); }
  void Error(std::string_view message) const { Write(Severity::kError, message); }

 private:
  bool WithinBudget() const;

  const int fd_;
  const Severity least_;
  const int lines_per_second_;
  // Counters of a rate limit: a race between threads can but shift a line to the next second.
  mutable std::atomic<int64_t> second_{0};
  mutable std::atomic<int> lines_{0};
  mutable std::atomic<int64_t> left_out_{0};
};

}  // namespace voxeld
