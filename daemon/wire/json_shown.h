// What error messages show of a JSON text that somebody sent.
//
// Threading: a pure function.
#pragma once

#include <cstddef>
#include <string_view>

#include "voxel/base/short_text.h"

namespace voxeld {

inline constexpr size_t kShownBytes = 40;

// The value as a message shows it: short, and saying what it is.
voxel::ShortText ShownJson(std::string_view token);

}  // namespace voxeld
