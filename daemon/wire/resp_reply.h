// Redis' replies as bytes, version 2 of the protocol.
//
// Threading: plain functions.
// Source:    redis.io/docs/reference/protocol-spec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace voxeld {

void AppendRespSimple(std::string_view text, std::string* out);  // +OK. REQUIRES: no line ends
// -ERR text; line ends become spaces.
void AppendRespError(std::string_view text, std::string* out);
// -REASON message.
void AppendRespStatus(const absl::Status& status, std::string* out);
void AppendRespInteger(int64_t value, std::string* out);
void AppendRespBulk(std::string_view bytes, std::string* out);
void AppendRespNull(std::string* out);
void AppendRespArray(size_t count, std::string* out);  // so many replies follow

}  // namespace voxeld
