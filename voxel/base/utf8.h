// UTF-8 as untrusted text carries it, character by character.
//
// Threading: pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace voxel {

// What stands for bytes that are no character: U+FFFD.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// The length of the character that `text` begins with; 0 if it begins with none (overlong forms,
// surrogates, beyond U+10FFFF, cut short). Source: Unicode 15, table 3-7. REQUIRES: not empty.
size_t Utf8Length(std::string_view text);

}  // namespace voxel
