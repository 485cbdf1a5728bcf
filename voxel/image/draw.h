// Drawing on pictures: text in the built-in bitmap font, lines, copies. Clipped at the borders.
#pragma once

#include <cstdint>
#include <string_view>

#include "voxel/image/image.h"

namespace voxel {

inline constexpr int32_t kGlyphWidth = 6;  // at scale 1, spacing included
inline constexpr int32_t kGlyphHeight = 8;

// ASCII 32..126; other characters are drawn as a box.
void DrawText(Image& image, int32_t x, int32_t y, std::string_view text, uint32_t color, int32_t scale = 1);
int32_t TextWidth(std::string_view text, int32_t scale = 1);
void DrawLine(Image& image, int32_t x0, int32_t y0, int32_t x1, int32_t y1, uint32_t color);
void FillRect(Image& image, int32_t x, int32_t y, int32_t width, int32_t height, uint32_t color);
void Paste(Image& image, int32_t x, int32_t y, const Image& source);

}  // namespace voxel
