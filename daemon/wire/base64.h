// Bytes as text.
//
// Threading: plain functions.
// Source:    RFC 4648 sections 4 and 5.
#pragma once

#include <string>
#include <string_view>

namespace voxeld {

// Appends in the standard alphabet, padded.
void AppendBase64(std::string_view bytes, std::string* out);
// Reads the standard or the URL alphabet, padded or not; replaces `out`. False, with `out`
// unspecified, if `text` holds anything else, or digits of both, or its last bits are not zero.
bool ParseBase64(std::string_view text, std::string* out);

}  // namespace voxeld
