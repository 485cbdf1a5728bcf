// HTTP/1.1 answers as bytes, and the Connect protocol's errors.
//
// Threading: plain functions.
// Source:    RFC 9110, RFC 9112; connectrpc.com/docs/protocol.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "voxel/base/short_text.h"

namespace voxeld {

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kTextType = "text/plain; charset=utf-8";

struct HttpReply {
  int status = 200;
  std::string_view content_type = kTextType;
  std::string_view body = {};
  std::string_view more_headers = {};  // whole lines, "Allow: POST\r\n"
  bool keep_alive = true;
  bool head = false;  // leave the body out, as HEAD wants it
};

// Appends the answer, dated by `unix_seconds`.
void AppendHttpReply(const HttpReply& reply, int64_t unix_seconds, std::string* out);

// Appends the header that says when to ask again, in whole seconds; nothing for 0, which is no such
// time.
void AppendRetryAfter(int64_t ms, voxel::ShortText* headers);

// Appends a Connect error: {"code", "message", "details"}. The detail is the status' ErrorInfo, in
// binary for programs and as JSON for people.
void AppendConnectError(const absl::Status& status, std::string* out);

}  // namespace voxeld
