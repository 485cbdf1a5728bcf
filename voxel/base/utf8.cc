#include "voxel/base/utf8.h"

#include <cstdint>

namespace voxel {

size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto follows = [&](size_t i, uint8_t low, uint8_t high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const uint8_t low = first == 0xE0 ? 0xA0 : 0x80;   // no overlong forms
    const uint8_t high = first == 0xED ? 0x9F : 0xBF;  // no surrogates
    return follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const uint8_t low = first == 0xF0 ? 0x90 : 0x80;   // no overlong forms
    const uint8_t high = first == 0xF4 ? 0x8F : 0xBF;  // at most U+10FFFF
    const bool valid = follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF);
    return valid ? 4 : 0;
  }
  return 0;
}

}  // namespace voxel
