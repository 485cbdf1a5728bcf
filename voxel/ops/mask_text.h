// Masks as text: "!air & surface & >grass". The grammar is in docs/masks-and-patterns.md.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "voxel/ops/mask.h"
#include "voxel/ops/text_scanner.h"

namespace voxel {

inline constexpr size_t kMostMaskText = 4096;  // bytes

// A mask that CheckMask accepts.
//   INVALID_MASK   not of the grammar, or out of a range: the message names the column (from 1, in
//                  characters) and what was expected; the fact `column` is the number alone
absl::StatusOr<Mask> ParseMask(std::string_view text, ColorOfText color_of);

}  // namespace voxel
