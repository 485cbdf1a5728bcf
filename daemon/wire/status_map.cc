#include "daemon/wire/status_map.h"

#include "voxel/base/error.h"

namespace voxeld {
namespace {

// JSON-RPC leaves -32000 to -32099 to servers; ours are -32000 minus the gRPC code, but where
// JSON-RPC has a code of its own.
constexpr int kServerErrors = -32000;
constexpr int kParseError = -32700;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;
constexpr int kInternalError = -32603;

constexpr int ServerError(absl::StatusCode code) { return kServerErrors - static_cast<int>(code); }

struct CodeRow {
  absl::StatusCode code;
  std::string_view grpc_name;
  int json_rpc;
};

constexpr CodeRow kInternalRow = {absl::StatusCode::kInternal, "INTERNAL", kInternalError};

// The one table of codes.
constexpr CodeRow kCodes[] = {
    {absl::StatusCode::kCancelled, "CANCELLED", ServerError(absl::StatusCode::kCancelled)},
    {absl::StatusCode::kUnknown, "UNKNOWN", kInternalError},
    {absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT", kInvalidParams},
    {absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
     ServerError(absl::StatusCode::kDeadlineExceeded)},
    {absl::StatusCode::kNotFound, "NOT_FOUND", ServerError(absl::StatusCode::kNotFound)},
    {absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
     ServerError(absl::StatusCode::kAlreadyExists)},
    {absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
     ServerError(absl::StatusCode::kPermissionDenied)},
    {absl::StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED",
     ServerError(absl::StatusCode::kResourceExhausted)},
    {absl::StatusCode::kFailedPrecondition, "FAILED_PRECONDITION",
     ServerError(absl::StatusCode::kFailedPrecondition)},
    {absl::StatusCode::kAborted, "ABORTED", ServerError(absl::StatusCode::kAborted)},
    {absl::StatusCode::kOutOfRange, "OUT_OF_RANGE", ServerError(absl::StatusCode::kOutOfRange)},
    {absl::StatusCode::kUnimplemented, "UNIMPLEMENTED", kMethodNotFound},
    kInternalRow,
    {absl::StatusCode::kUnavailable, "UNAVAILABLE", ServerError(absl::StatusCode::kUnavailable)},
    {absl::StatusCode::kDataLoss, "DATA_LOSS", ServerError(absl::StatusCode::kDataLoss)},
    {absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED",
     ServerError(absl::StatusCode::kUnauthenticated)},
};

const CodeRow& RowOf(absl::StatusCode code) {
  for (const CodeRow& row : kCodes) {
    if (row.code == code) return row;
  }
  return kInternalRow;
}

}  // namespace

v1::ErrorInfo ToErrorInfo(const absl::Status& status) {
  v1::ErrorInfo info;
  info.set_domain("voxeld");
  info.set_reason(voxel::ReasonOf(status));
  if (info.reason().empty()) {
    info.set_reason(std::string(voxel::ReasonName(voxel::Reason::INTERNAL)));
    info.set_grpc_code(std::string(kInternalRow.grpc_name));
    return info;
  }
  info.set_field(voxel::FieldOf(status));
  info.set_grpc_code(std::string(GrpcCodeName(status.code())));
  const auto add = [](void* arg, std::string_view key, std::string_view value) {
    (*static_cast<v1::ErrorInfo*>(arg)->mutable_metadata())[std::string(key)] = std::string(value);
  };
  voxel::ForEachFact(status, add, &info);
  return info;
}

std::string_view GrpcCodeName(absl::StatusCode code) {
  return code == absl::StatusCode::kOk ? "OK" : RowOf(code).grpc_name;
}

int JsonRpcCode(const absl::Status& status) {
  const std::string reason = voxel::ReasonOf(status);
  if (reason.empty()) return kInternalError;
  if (reason == voxel::ReasonName(voxel::Reason::MALFORMED_MESSAGE)) return kParseError;
  return RowOf(status.code()).json_rpc;
}

}  // namespace voxeld
