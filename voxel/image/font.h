// The built-in font: 95 ASCII characters of 5 x 7 dots, drawn for this project.
#pragma once

#include <cstdint>

namespace voxel {

inline constexpr int kGlyphColumns = 5;
inline constexpr int kGlyphRows = 7;

// Bit column + 5 * row is set where there is a dot.
struct Glyph {
  uint64_t dots = 0;

  bool Get(int column, int row) const { return (dots >> (column + kGlyphColumns * row) & 1) != 0; }
};

// The picture of a character; a box for whatever lies outside 32..126.
const Glyph& GlyphOf(char c);

}  // namespace voxel
