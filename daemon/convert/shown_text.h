// What error messages show of a text that somebody sent.
//
// Threading: a pure function.
#pragma once

#include <cstddef>
#include <string_view>

#include "voxel/base/short_text.h"

namespace voxeld {

// Its first bytes, with what is not printable, quotes and backslashes escaped as in C.
voxel::ShortText ShownText(std::string_view text, size_t most_bytes);

}  // namespace voxeld
