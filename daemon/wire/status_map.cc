#include "daemon/wire/status_map.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "daemon/wire/json_string.h"
#include "voxel/base/error.h"
#include "voxel/base/error_parts.h"

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

constexpr std::string_view kDomain = "voxeld";

// What an ErrorInfo says of a status.
struct Info {
  std::string_view reason, field, grpc_code;
  bool has_facts = true;
};

Info InfoOf(const absl::Status& status) {
  const voxel::ErrorParts parts = voxel::PartsOf(status);
  if (!parts.reason.empty()) return {parts.reason, parts.field, GrpcCodeName(status.code())};
  return {voxel::ReasonName(voxel::Reason::INTERNAL), {}, kInternalRow.grpc_name, false};
}

// The facts as the members of "metadata", which is there if there are any.
struct JsonFacts {
  std::string* const out;
  bool any = false;

  static void Add(void* self, std::string_view key, std::string_view value) {
    auto& facts = *static_cast<JsonFacts*>(self);
    facts.out->append(std::exchange(facts.any, true) ? "," : ",\"metadata\":{");
    AppendJsonString(key, facts.out);
    facts.out->push_back(':');
    AppendJsonString(value, facts.out);
  }
};

// A field of strings or messages, as Protobuf writes it.
void AppendBytesField(int number, std::string_view bytes, voxel::ShortText* out) {
  constexpr int kLengthDelimited = 2;
  out->Append(static_cast<char>(number << 3 | kLengthDelimited));
  size_t size = bytes.size();
  for (; size >= 0x80; size >>= 7) out->Append(static_cast<char>(size | 0x80));
  out->Append(static_cast<char>(size));
  out->Append(bytes);
}

}  // namespace

v1::ErrorInfo ToErrorInfo(const absl::Status& status) {
  const Info said = InfoOf(status);
  v1::ErrorInfo info;
  info.set_domain(std::string(kDomain));
  info.set_reason(std::string(said.reason));
  info.set_field(std::string(said.field));
  info.set_grpc_code(std::string(said.grpc_code));
  if (!said.has_facts) return info;
  const auto add = [](void* arg, std::string_view key, std::string_view value) {
    (*static_cast<v1::ErrorInfo*>(arg)->mutable_metadata())[std::string(key)] = std::string(value);
  };
  voxel::ForEachFact(status, add, &info);
  return info;
}

void AppendErrorInfoJson(const absl::Status& status, std::string* out) {
  const Info said = InfoOf(status);
  out->append("{\"reason\":");
  AppendJsonString(said.reason, out);
  out->append(",\"domain\":");
  AppendJsonString(kDomain, out);
  JsonFacts facts{out};
  if (said.has_facts) voxel::ForEachFact(status, &JsonFacts::Add, &facts);
  if (facts.any) out->push_back('}');
  if (!said.field.empty()) {
    out->append(",\"field\":");
    AppendJsonString(said.field, out);
  }
  out->append(",\"grpc_code\":");
  AppendJsonString(said.grpc_code, out);
  out->push_back('}');
}

void AppendErrorInfoBytes(const absl::Status& status, voxel::ShortText* out) {
  const Info said = InfoOf(status);
  AppendBytesField(v1::ErrorInfo::kReasonFieldNumber, said.reason, out);
  AppendBytesField(v1::ErrorInfo::kDomainFieldNumber, kDomain, out);
  const auto add = [](void* arg, std::string_view key, std::string_view value) {
    voxel::ShortText entry;
    AppendBytesField(1, key, &entry);
    AppendBytesField(2, value, &entry);
    AppendBytesField(v1::ErrorInfo::kMetadataFieldNumber, entry,
                     static_cast<voxel::ShortText*>(arg));
  };
  if (said.has_facts) voxel::ForEachFact(status, add, out);
  if (!said.field.empty()) AppendBytesField(v1::ErrorInfo::kFieldFieldNumber, said.field, out);
  AppendBytesField(v1::ErrorInfo::kGrpcCodeFieldNumber, said.grpc_code, out);
}

std::string_view GrpcCodeName(absl::StatusCode code) {
  return code == absl::StatusCode::kOk ? "OK" : RowOf(code).grpc_name;
}

int JsonRpcCode(const absl::Status& status) {
  const std::string_view reason = voxel::PartsOf(status).reason;
  if (reason.empty()) return kInternalError;
  if (reason == voxel::ReasonName(voxel::Reason::MALFORMED_MESSAGE)) return kParseError;
  return RowOf(status.code()).json_rpc;
}

void AppendConnectCode(absl::StatusCode code, std::string* out) {
  if (code == absl::StatusCode::kCancelled) return out->append("canceled"), void();  // as it spells
  for (const char c : RowOf(code).grpc_name) {
    out->push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
}

int HttpStatus(const absl::Status& status) {
  if (voxel::HasReason(status, voxel::Reason::METHOD_NOT_FOUND)) return 404;
  return RowOf(status.code()).http;
}

}  // namespace voxeld
