// One absl::Status to every door's error form. The table of codes is here and nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "voxeld/v1/error.pb.h"

namespace voxeld {

// The machine-readable side of a failed status; a status without a reason becomes INTERNAL's.
v1::ErrorInfo ToErrorInfo(const absl::Status& status);
// "NOT_FOUND" for absl::StatusCode::kNotFound.
std::string_view GrpcCodeName(absl::StatusCode code);
// JSON-RPC: -32601 unknown method, -32602 bad arguments, -32603 internal, -32001 .. -32016 for the rest.
int JsonRpcCode(const absl::Status& status);

}  // namespace voxeld
