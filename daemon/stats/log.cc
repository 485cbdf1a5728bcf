#include "daemon/stats/log.h"

#include <unistd.h>

#include "absl/container/inlined_vector.h"
#include "absl/hash/hash.h"
#include "absl/time/clock.h"
#include "voxel/base/short_text.h"

namespace voxeld {
namespace {

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
constexpr int kAlikeLines = 5;
constexpr absl::Duration kAlikeWindow = absl::Seconds(10);

size_t KindOf(Severity severity, std::string_view message, Log::Fields fields) {
  size_t kind = absl::HashOf(severity, message);
  for (const LogField& field : fields) {
    const auto* text = std::get_if<std::string_view>(&field.value);
    if (text != nullptr) kind = absl::HashOf(kind, *text);
  }
  return kind;
}

}  // namespace

std::optional<Severity> ParseSeverity(std::string_view name) {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

Log::Log(int fd, Severity least, int lines_per_second, LogFormat format)
    : fd_(fd),
      lines_per_second_(lines_per_second),
      format_(format),
      least_(least),
      alike_(kAlikeLines, kAlikeWindow) {}

bool Log::WithinBudget(int64_t second) const {
  if (second_.exchange(second, std::memory_order_relaxed) != second) {
    lines_.store(0, std::memory_order_relaxed);
  }
  if (lines_.fetch_add(1, std::memory_order_relaxed) < lines_per_second_) return true;
  left_out_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void Log::Write(Severity severity, std::string_view message, Fields fields) const {
  if (!enabled(severity)) return;
  const absl::Time now = absl::Now();
  const std::optional<int64_t> alike = alike_.Admit(KindOf(severity, message, fields), now);
  if (!alike.has_value()) return;
  if (severity <= Severity::kInfo && !WithinBudget(absl::ToUnixSeconds(now))) {
    left_out_.fetch_add(*alike, std::memory_order_relaxed);
    return;
  }
  absl::InlinedVector<LogField, 12> shown(fields);
  if (*alike > 0) shown.push_back({"alike_left_out", *alike});
  const int64_t left_out = left_out_.exchange(0, std::memory_order_relaxed);
  if (left_out > 0) shown.push_back({"lines_left_out", left_out});
  const voxel::ShortText line = LogLine(format_, severity, now, message, shown);
  // Nothing to be done about a log that cannot be written.
  (void)!::write(fd_, line.view().data(), line.view().size());
}

}  // namespace voxeld
