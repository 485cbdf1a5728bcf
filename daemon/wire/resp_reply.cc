#include "daemon/wire/resp_reply.h"

#include <charconv>

#include "voxel/base/error.h"
#include "voxel/base/error_parts.h"

namespace voxeld {
namespace {

constexpr std::string_view kEnd = "\r\n";

void AppendTyped(char type, int64_t number, std::string* out) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out->push_back(type);
  out->append(text, end);
  out->append(kEnd);
}

void AppendOneLine(std::string_view text, std::string* out) {
  for (const char c : text) out->push_back(c == '\r' || c == '\n' ? ' ' : c);
}

}  // namespace

void AppendRespSimple(std::string_view text, std::string* out) {
  out->push_back('+');
  out->append(text);
  out->append(kEnd);
}

void AppendRespError(std::string_view text, std::string* out) {
  out->append("-ERR ");
  AppendOneLine(text, out);
  out->append(kEnd);
}

void AppendRespStatus(const absl::Status& status, std::string* out) {
  const std::string_view reason = voxel::PartsOf(status).reason;
  out->push_back('-');
  out->append(reason.empty() ? voxel::ReasonName(voxel::Reason::INTERNAL) : reason);
  out->push_back(' ');
  AppendOneLine({status.message().data(), status.message().size()}, out);
  out->append(kEnd);
}

void AppendRespInteger(int64_t value, std::string* out) { AppendTyped(':', value, out); }

void AppendRespBulk(std::string_view bytes, std::string* out) {
  AppendTyped('$', static_cast<int64_t>(bytes.size()), out);
  out->append(bytes);
  out->append(kEnd);
}

void AppendRespNull(std::string* out) { out->append("$-1\r\n"); }

void AppendRespArray(size_t count, std::string* out) {
  AppendTyped('*', static_cast<int64_t>(count), out);
}

}  // namespace voxeld
