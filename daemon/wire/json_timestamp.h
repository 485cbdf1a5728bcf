// google.protobuf.Timestamp as JSON has it: "2026-11-20T16:00:00.5Z".
//
// Threading: plain functions.
// Source:    RFC 3339; the proto3 JSON mapping (years 0001 to 9999, no leap seconds).
#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/timestamp.pb.h"

namespace voxeld {

// Reads date, 'T', time with at most nine decimals, and 'Z' or an offset. False if `text` is
// anything else.
bool ParseTimestamp(std::string_view text, google::protobuf::Timestamp* out);
// Appends in UTC with 0, 3, 6 or 9 decimals, without quotes.
// REQUIRES: within years 0001 to 9999, nanos in [0, 1e9).
void AppendTimestamp(const google::protobuf::Timestamp& time, std::string* out);

}  // namespace voxeld
