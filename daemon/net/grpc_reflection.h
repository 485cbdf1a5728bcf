// gRPC's server reflection, both versions: what grpcurl and its like ask before they call. From
// bytes to bytes; the descriptors are those of the linked API.
//
// Source:    grpc/doc/server-reflection.md; grpc.reflection.v1 and v1alpha have the same messages
//            under two names.
// Threading: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace voxeld {

// One ServerReflectionRequest, and the ServerReflectionResponse to it: what is not found is an
// error inside the response. `services` are the full names to list. MALFORMED_MESSAGE.
absl::StatusOr<std::string> AnswerReflection(std::string_view request,
                                             const std::vector<std::string>& services);

}  // namespace voxeld
