#include "daemon/wire/http_reply.h"

#include <stdio.h>
#include <time.h>

#include "daemon/wire/base64.h"
#include "daemon/wire/json_codec.h"
#include "daemon/wire/status_map.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

struct StatusPhrase {
  int status;
  std::string_view phrase;
};
constexpr StatusPhrase kPhrases[] = {
    {200, "OK"},
    {202, "Accepted"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

std::string_view PhraseOf(int status) {
  for (const StatusPhrase& row : kPhrases) {
    if (row.status == status) return row.phrase;
  }
  return "Unknown";
}

// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", whatever the locale.
void AppendDate(int64_t unix_seconds, std::string* out) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<time_t>(unix_seconds);
  tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  const int size = snprintf(text, sizeof text, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                            kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon],
                            1900 + utc.tm_year, utc.tm_hour, utc.tm_min, utc.tm_sec);
  out->append(text, static_cast<size_t>(size));
}

}  // namespace

void AppendHttpReply(const HttpReply& reply, int64_t unix_seconds, std::string* out) {
  voxel::StrAppend(out, "HTTP/1.1 ", reply.status, " ", PhraseOf(reply.status), "\r\n");
  AppendDate(unix_seconds, out);
  voxel::StrAppend(out, "Content-Type: ", reply.content_type,
                   "\r\nContent-Length: ", reply.body.size(), "\r\n", reply.more_headers);
  if (!reply.keep_alive) out->append("Connection: close\r\n");
  out->append("\r\n");
  if (!reply.head) out->append(reply.body);
}

void AppendRetryAfter(int64_t ms, voxel::ShortText* headers) {
  if (ms > 0) headers->Append(voxel::ShortText("Retry-After: ", (ms + 999) / 1000, "\r\n"));
}

void AppendConnectError(const absl::Status& status, std::string* out) {
  out->append("{\"code\":\"");
  AppendConnectCode(status.code(), out);
  out->append("\",\"message\":");
  WriteJsonString(std::string_view(status.message().data(), status.message().size()), out);
  voxel::StrAppend(out, ",\"details\":[{\"type\":\"", v1::ErrorInfo::descriptor()->full_name(),
                   "\",\"value\":\"");
  voxel::ShortText info;
  AppendErrorInfoBytes(status, &info);
  AppendBase64(info, out);
  while (out->back() == '=') out->pop_back();  // the protocol wants none
  out->append("\",\"debug\":");
  AppendErrorInfoJson(status, out);
  out->append("}]}");
}

}  // namespace voxeld
