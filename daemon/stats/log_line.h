// One line of the log as bytes: text for people, or JSON for programs.
//
//     2026-11-20T16:01:37.123Z INFO  call failed method=voxel.get peer=uid:0
//                                   reason=PROJECT_NOT_FOUND
//     {"time":"2026-11-20T16:01:37.123Z","level":"info","message":"call
//     failed","method":"voxel.get"}
//
// Nobody can forge a line or a field: control characters are escaped, and texts of fields are
// quoted where they hold anything but plain words. Long texts are cut. JSON is valid UTF-8 whatever
// comes.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "voxel/base/short_text.h"

namespace voxeld {

enum class Severity : uint8_t { kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view name;  // of letters and '_'
  std::variant<std::string_view, int64_t> value;
};

enum class LogFormat : uint8_t {
  kText,
  kJson,
  kJournalText,  // as kText for journald: its priority in front, and no time, which it adds
  kJournalJson,  // as kJson, with the priority in front
};

// With its newline. Without a heap call for texts of usual length.
voxel::ShortText LogLine(LogFormat format, Severity severity, absl::Time time,
                         std::string_view message, absl::Span<const LogField> fields);

}  // namespace voxeld
