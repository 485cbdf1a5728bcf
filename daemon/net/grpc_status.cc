#include "daemon/net/grpc_status.h"

#include <algorithm>
#include <string_view>

#include "daemon/wire/status_map.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"

namespace voxeld {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxInfoBytes = 1024;
constexpr size_t kMaxHeaderBytes = 256;

// At most `limit` bytes, not cutting a UTF-8 sequence.
std::string Shortened(std::string_view text, size_t limit) {
  if (text.size() <= limit) return std::string(text);
  size_t end = limit - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

// Metadata values are visible ASCII.
std::string HeaderValue(std::string_view text) {
  std::string value = Shortened(text, kMaxHeaderBytes);
  std::replace_if(
      value.begin(), value.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return value;
}

std::string SerializedInfo(v1::ErrorInfo info) {
  if (info.ByteSizeLong() > kMaxInfoBytes) info.clear_metadata();
  if (info.ByteSizeLong() > kMaxInfoBytes) info.set_field(Shortened(info.field(), kMaxHeaderBytes));
  return info.SerializeAsString();
}

// google.rpc.Status{int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3};
// Debian ships no status.proto.
std::string StatusDetails(int code, const std::string& message, const std::string& info) {
  google::protobuf::Any any;
  any.set_type_url("type.googleapis.com/voxeld.v1.ErrorInfo");
  any.set_value(info);
  std::string out;
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  WireFormatLite::WriteInt32(1, code, &coded);
  WireFormatLite::WriteString(2, message, &coded);
  WireFormatLite::WriteBytes(3, any.SerializeAsString(), &coded);
  coded.Trim();
  return out;
}

}  // namespace

GrpcError ToGrpcError(const absl::Status& status) {
  const auto code = static_cast<int>(status.code());
  const std::string message =
      Shortened({status.message().data(), status.message().size()}, kMaxMessageBytes);
  const v1::ErrorInfo info = ToErrorInfo(status);
  std::string serialized = SerializedInfo(info);
  GrpcError error;
  error.status = grpc::Status(static_cast<grpc::StatusCode>(code), message,
                              StatusDetails(code, Shortened(message, kMaxHeaderBytes), serialized));
  error.trailing.emplace_back("voxeld-reason", HeaderValue(info.reason()));
  if (!info.field().empty()) error.trailing.emplace_back("voxeld-field", HeaderValue(info.field()));
  error.trailing.emplace_back("voxeld-error-bin", std::move(serialized));
  return error;
}

}  // namespace voxeld
