// Drawing on pictures: text in the built-in bitmap font, lines, rectangles, copies. Everything is
// clipped at the picture's borders. A colour with alpha below 255 is painted over what is there.
//
// Units: pixels; (0, 0) is the top left one.
#pragma once

#include <cstdint>
#include <string_view>

#include "voxel/image/image.h"

namespace voxel {

inline constexpr int32_t kGlyphWidth = 6;  // at scale 1, spacing included
inline constexpr int32_t kGlyphHeight = 8;

// Writes `text` with its top left corner at (x, y), each of the font's dots `scale` pixels wide.
// ASCII 32..126; any other character, a UTF-8 sequence being one, is drawn as a box. REQUIRES:
// scale >= 1.
void DrawText(Image& image, int32_t x, int32_t y, std::string_view text, uint32_t color,
              int32_t scale = 1);
// The width DrawText fills, the spacing after the last character included.
int32_t TextWidth(std::string_view text, int32_t scale = 1);

// Both ends included. REQUIRES: coordinates within +-2^30.
void DrawLine(Image& image, int32_t x0, int32_t y0, int32_t x1, int32_t y1, uint32_t color);
void FillRect(Image& image, int32_t x, int32_t y, int32_t width, int32_t height, uint32_t color);
// Copies the pixels of `source`, alpha included, to (x, y).
void Paste(Image& image, int32_t x, int32_t y, const Image& source);

}  // namespace voxel
