#include "daemon/wire/status_map.h"

#include "absl/strings/ascii.h"
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
  int http;
};

constexpr CodeRow ServerRow(absl::StatusCode code, std::string_view name, int http) {
  return {code, name, ServerError(code), http};
}

constexpr CodeRow kInternalRow = {absl::StatusCode::kInternal, "INTERNAL", kInternalError, 500};

// The one table of codes.
constexpr CodeRow kCodes[] = {
    ServerRow(absl::StatusCode::kCancelled, "CANCELLED", 499),
    {absl::StatusCode::kUnknown, "UNKNOWN", kInternalError, 500},
    {absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT", kInvalidParams, 400},
    ServerRow(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", 504),
    ServerRow(absl::StatusCode::kNotFound, "NOT_FOUND", 404),
    ServerRow(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS", 409),
    ServerRow(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED", 403),
    ServerRow(absl::StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED", 429),
    ServerRow(absl::StatusCode::kFailedPrecondition, "FAILED_PRECONDITION", 400),
    ServerRow(absl::StatusCode::kAborted, "ABORTED", 409),
    ServerRow(absl::StatusCode::kOutOfRange, "OUT_OF_RANGE", 400),
    {absl::StatusCode::kUnimplemented, "UNIMPLEMENTED", kMethodNotFound, 501},
    kInternalRow,
    ServerRow(absl::StatusCode::kUnavailable, "UNAVAILABLE", 503),
    ServerRow(absl::StatusCode::kDataLoss, "DATA_LOSS", 500),
    ServerRow(absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED", 401),
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

std::string ConnectCodeName(absl::StatusCode code) {
  if (code == absl::StatusCode::kCancelled) return "canceled";  // as the protocol spells it
  return absl::AsciiStrToLower(RowOf(code).grpc_name.data());
}

int HttpStatus(const absl::Status& status) {
  if (voxel::HasReason(status, voxel::Reason::METHOD_NOT_FOUND)) return 404;
  return RowOf(status.code()).http;
}

}  // namespace voxeld
