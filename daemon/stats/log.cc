#include "daemon/stats/log.h"

#include <unistd.h>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
constexpr std::string_view kLabels[] = {"DEBUG ", "INFO  ", "WARN  ", "ERROR "};
constexpr size_t kMaxMessageBytes = 4096;

void AppendEscaped(std::string_view text, std::string* out) {
  for (const char c : text.substr(0, kMaxMessageBytes)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      absl::StrAppendFormat(out, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out->push_back(c);
    }
  }
  if (text.size() > kMaxMessageBytes) out->append("...");
}

}  // namespace

std::optional<Severity> ParseSeverity(std::string_view name) {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

Log::Log(int fd, Severity least, int lines_per_second)
    : fd_(fd), least_(least), lines_per_second_(lines_per_second) {}

bool Log::WithinBudget() const {
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  if (second_.exchange(now, std::memory_order_relaxed) != now) {
    lines_.store(0, std::memory_order_relaxed);
  }
  if (lines_.fetch_add(1, std::memory_order_relaxed) < lines_per_second_) return true;
  left_out_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void Log::Write(Severity severity, std::string_view message) const {
  if (!enabled(severity)) return;
  if (severity <= Severity::kInfo && !WithinBudget()) return;
  std::string line = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ ", absl::Now(), absl::UTCTimeZone());
  line.append(kLabels[static_cast<int>(severity)]);
  AppendEscaped(message, &line);
  if (const int64_t left_out = left_out_.exchange(0, std::memory_order_relaxed); left_out > 0) {
    voxel::StrAppend(&line, " (", left_out, " lines left out before)");
  }
  line.push_back('\n');
  // Nothing to be done about a log that cannot be written.
  (void)!::write(fd_, line.data(), line.size());
}

}  // namespace voxeld
