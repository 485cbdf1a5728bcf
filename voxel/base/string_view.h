// std::string_view to Abseil's own and back: Debian's Abseil is built with a string_view type of
// its own, and does not convert. Stand-in, written to be deleted once the two are one type.
#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace voxel {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace voxel
