#include "daemon/config/flag_value.h"

#include <charconv>
#include <optional>

#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

absl::Status Refused(std::string_view flag, std::string_view text, FlagRange range,
                     std::string_view unit) {
  return absl::InvalidArgumentError(voxel::StrCat("--", flag, "=", text, ": not an integer in [",
                                                  range.min, ", ", range.max, "]", unit));
}

std::optional<int64_t> Integer(std::string_view text) {
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

bool Within(int64_t value, FlagRange range) { return value >= range.min && value <= range.max; }

}  // namespace

absl::StatusOr<int64_t> ParseCount(std::string_view flag, std::string_view text, FlagRange range) {
  const std::optional<int64_t> value = Integer(text);
  if (!value.has_value() || !Within(*value, range)) return Refused(flag, text, range, "");
  return *value;
}

absl::StatusOr<int64_t> ParseBytes(std::string_view flag, std::string_view text, FlagRange range) {
  int shift = 0;
  std::string_view digits = text;
  for (const auto& [suffix, bits] :
       {std::pair<std::string_view, int>{"KiB", 10}, {"MiB", 20}, {"GiB", 30}}) {
    if (!text.ends_with(suffix)) continue;
    shift = bits;
    digits = text.substr(0, text.size() - suffix.size());
  }
  const std::optional<int64_t> value = Integer(digits);
  const bool fits = value.has_value() && *value >= 0 && *value <= (range.max >> shift);
  if (!fits || !Within(*value << shift, range)) {
    return Refused(flag, text, range, " bytes, or such a size in KiB, MiB or GiB");
  }
  return *value << shift;
}

absl::StatusOr<absl::Duration> ParseDuration(std::string_view flag, const std::string& text) {
  absl::Duration value;
  if (!absl::ParseDuration(text, &value) || value < absl::ZeroDuration() ||
      value > absl::Hours(1)) {
    return absl::InvalidArgumentError(
        voxel::StrCat("--", flag, "=", text, ": not a time in [0, 1h], such as 500ms, 10s or 2m"));
  }
  return value;
}

}  // namespace voxeld
