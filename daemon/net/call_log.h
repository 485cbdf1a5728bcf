// One log line for a failed call, the same from every door: who, what, why, and the source place
// that raised it.
//
// Threading: any thread.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "daemon/stats/log.h"

namespace voxeld {

// A defect of ours is an error, a failing store a warning, anything the caller did is information.
// Nothing for OK.
void LogFailedCall(const Log& log, std::string_view method, std::string_view peer,
                   const absl::Status& status);

}  // namespace voxeld
