// What error messages show of a JSON text that somebody sent.
//
// Threading: a pure function.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace voxeld {

inline constexpr size_t kShownBytes = 40;

// The value as a message shows it: short, and saying what it is.
std::string ShownJson(std::string_view token);

}  // namespace voxeld
