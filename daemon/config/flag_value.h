// The values of flags, from text. Errors name the flag, the text and what is accepted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace voxeld {

struct FlagRange {
  int64_t min = 0;
  int64_t max = 0;
};

// "4096".
absl::StatusOr<int64_t> ParseCount(std::string_view flag, std::string_view text, FlagRange range);
// Bytes: "1048576", "1024KiB", "1MiB", "4GiB".
absl::StatusOr<int64_t> ParseBytes(std::string_view flag, std::string_view text, FlagRange range);
// "10s", "500ms", "2m"; at most an hour.
absl::StatusOr<absl::Duration> ParseDuration(std::string_view flag, const std::string& text);

}  // namespace voxeld
