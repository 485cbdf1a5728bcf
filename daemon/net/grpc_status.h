// A failed status as gRPC sends it: code and message, the details, and the same in trailing
// metadata for clients that read no details.
//
// Sizes:  gRPC refuses calls whose metadata is large and hides the error, so each part is capped:
//         the message to 1 KiB, the details and their copy to 2 KiB each.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <grpcpp/support/status.h>
#include "absl/status/status.h"

namespace voxeld {

struct GrpcError {
  grpc::Status status;  // details: a google.rpc.Status holding a voxeld.v1.ErrorInfo
  // "voxeld-reason", "voxeld-field" (if there is one), "voxeld-error-bin" (the ErrorInfo).
  std::vector<std::pair<std::string, std::string>> trailing;
};

// REQUIRES: !status.ok().
GrpcError ToGrpcError(const absl::Status& status);

}  // namespace voxeld
