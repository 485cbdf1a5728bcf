// Errors whose reasons this library does not know: whoever builds on it has tables of their own.
//
// Threading: plain functions.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "voxel/base/error.h"

namespace voxel {

// As Error (error.h), with a code and a reason that the caller's table puts together.
absl::Status NamedError(absl::StatusCode code, std::string_view reason, std::string_view message,
                        SourcePlace place = SourcePlace::current());

}  // namespace voxel
