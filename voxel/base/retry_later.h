// Errors that pass by themselves: what may be asked for again, and after how long.
//
// Threading: plain functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "voxel/base/error.h"

namespace voxel {

// An Error that says after how long it is worth to ask again: in its message, and as the fact
// retry_after_ms.
absl::Status RetryLater(Reason reason, std::string_view why, int64_t after_ms,
                        SourcePlace place = SourcePlace::current());
// What it says; 0 for every other status.
int64_t RetryAfterMs(const absl::Status& status);

}  // namespace voxel
