// Text as JSON strings.
//
// Threading: plain functions.
// Source:    RFC 8259 section 7.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace voxeld {

// Appends `text` as a JSON string, quotes included. Each byte that is not part of valid UTF-8
// becomes U+FFFD.
void AppendJsonString(std::string_view text, std::string* out);

// What a JSON string says. REQUIRES: `raw` is a valid JSON string with its quotes
// (JsonScanner::ReadString).
std::string UnescapeJsonString(std::string_view raw);

// The longest prefix of at most `max_bytes` that does not cut a UTF-8 character.
std::string_view Utf8Prefix(std::string_view text, size_t max_bytes);

}  // namespace voxeld
