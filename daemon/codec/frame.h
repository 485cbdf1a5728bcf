// A blob as it stands in a file: checked, and compressed where that helps.
//
// Format:    crc32c of the rest (4 bytes) | method: 0 as is, 1 zstd | varint: bytes when opened |
//            payload.
// Threading: any thread.
// Hostile input: the size when opened is checked before memory is taken for it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace voxeld {

// More than one frame may never hold; what is larger goes into several.
inline constexpr size_t kMaxFrameBytes = size_t{1} << 20;

// zstd's levels; 0 leaves everything as it is.
inline constexpr int kMaxCompression = 19;

// REQUIRES: raw.size() <= kMaxFrameBytes, 0 <= level <= kMaxCompression.
std::string SealFrame(std::string_view raw, int level);

// What SealFrame was given. DataLoss if the frame is damaged.
absl::StatusOr<std::string> OpenFrame(std::string_view frame);

}  // namespace voxeld
