// Patterns as text: "50%stone,50%#888". The grammar is in docs/masks-and-patterns.md.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "voxel/ops/pattern.h"
#include "voxel/ops/text_scanner.h"

namespace voxel {

inline constexpr size_t kMostPatternText = 4096;  // bytes

// Whether the text can only be a pattern: it has a comma, a per cent sign, a semicolon or a
// parenthesis, which no unquoted colour has.
bool LooksLikePattern(std::string_view text);

// A pattern that CheckPattern accepts.
//   INVALID_COLOR   not of the grammar, or out of a range: the message names the column (from 1, in
//                   characters) and what was expected; the fact `column` is the number alone
absl::StatusOr<Pattern> ParsePattern(std::string_view text, ColorOfText color_of);

}  // namespace voxel
