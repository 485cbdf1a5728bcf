#include "voxel/base/retry_later.h"

#include <charconv>

#include "voxel/base/short_text.h"

namespace voxel {
namespace {

constexpr std::string_view kRetryAfterMs = "retry_after_ms";

}  // namespace

absl::Status RetryLater(Reason reason, std::string_view why, int64_t after_ms, SourcePlace place) {
  absl::Status status = Error(reason, ShortText(why, "; retry after ", after_ms, " ms"), {}, place);
  SetFact(status, kRetryAfterMs, ShortText(after_ms));
  return status;
}

int64_t RetryAfterMs(const absl::Status& status) {
  int64_t after_ms = 0;
  const auto read = [](void* out, std::string_view key, std::string_view value) {
    if (key != kRetryAfterMs) return;
    std::from_chars(value.data(), value.data() + value.size(), *static_cast<int64_t*>(out));
  };
  ForEachFact(status, read, &after_ms);
  return after_ms;
}

}  // namespace voxel
