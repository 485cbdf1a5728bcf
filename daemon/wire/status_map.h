// One absl::Status to every door's error form. The table of codes is in the .cc and nowhere else.
//
// Threading: plain functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "voxel/base/short_text.h"
#include "voxeld/v1/error.pb.h"

namespace voxeld {

// The machine-readable side of a failed status; a status without a reason becomes INTERNAL's.
v1::ErrorInfo ToErrorInfo(const absl::Status& status);
// The same written at once, without a message, which would cost heap calls: as JsonWriter would
// write it, and in Protobuf's encoding.
void AppendErrorInfoJson(const absl::Status& status, std::string* out);
void AppendErrorInfoBytes(const absl::Status& status, voxel::ShortText* out);
// "NOT_FOUND" for absl::StatusCode::kNotFound.
std::string_view GrpcCodeName(absl::StatusCode code);
// JSON-RPC: -32700 malformed JSON, -32601 unknown method, -32602 bad arguments, -32603 internal;
// for the rest -32000 minus the gRPC code (-32005 not found).
int JsonRpcCode(const absl::Status& status);
// The Connect protocol's name of a code, "not_found", and the status of an HTTP answer that carries
// it. HTTP says 404 also where there is no such method.
void AppendConnectCode(absl::StatusCode code, std::string* out);
int HttpStatus(const absl::Status& status);

}  // namespace voxeld
