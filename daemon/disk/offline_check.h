// `voxeld --verify`: checks a project's file, or all of a data directory, without a daemon.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"

namespace voxeld {

// Checks the file at `path`, or the projects of the data directory there; `say` gets a line for
// each finding and each file. True: all are sound. FailedPrecondition: a daemon uses the
// directory, which can check it by itself; NotFound.
absl::StatusOr<bool> CheckOffline(const std::string& path,
                                  absl::FunctionRef<void(const std::string& line)> say);

}  // namespace voxeld
