// For fuzz targets of parsers that are fed bytes in pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "voxel/base/check.h"

namespace voxeld {

// Checks that `parse(bytes, piece)` reads the same in one piece, byte by byte, and in pieces of the
// size that the first byte chooses; the others are what is parsed.
template <typename Parse>
void CheckPieces(const uint8_t* data, size_t size, Parse parse) {
  if (size == 0) return;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = parse(bytes, std::max<size_t>(1, bytes.size()));
  VOXEL_CHECK(whole == parse(bytes, size_t{1} + data[0]));
  VOXEL_CHECK(whole == parse(bytes, 1));
}

}  // namespace voxeld
