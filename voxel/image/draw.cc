#include "voxel/image/draw.h"

#include <algorithm>
#include <cstdlib>

#include "voxel/image/font.h"

namespace voxel {
namespace {

// `top` over `bottom`, both not premultiplied.
uint32_t Over(uint32_t bottom, uint32_t top) {
  const uint32_t a = top & 255;
  if (a == 255) return top;
  const uint32_t rest = (bottom & 255) * (255 - a);  // of 255 * 255
  const uint32_t total = a * 255 + rest;
  if (total == 0) return 0;
  uint32_t out = 0;
  for (int shift = 24; shift > 0; shift -= 8) {
    const uint32_t mix = (top >> shift & 255) * a * 255 + (bottom >> shift & 255) * rest;
    out |= (mix + total / 2) / total << shift;
  }
  return out | (total + 127) / 255;
}

bool StartsCharacter(char c) { return (uint8_t(c) & 0xC0) != 0x80; }

// The range of [from, from + count) inside [0, limit), in 64 bits so that nothing wraps.
struct Span {
  Span(int64_t from, int64_t count, int64_t limit)
      : begin(int32_t(std::clamp<int64_t>(from, 0, limit))),
        end(int32_t(std::clamp<int64_t>(from + count, 0, limit))) {}
  int32_t begin;
  int32_t end;
};

}  // namespace

int32_t TextWidth(std::string_view text, int32_t scale) {
  return int32_t(std::count_if(text.begin(), text.end(), StartsCharacter)) * kGlyphWidth * scale;
}

void DrawText(Image& image, int32_t x, int32_t y, std::string_view text, uint32_t color,
              int32_t scale) {
  for (const char c : text) {
    if (!StartsCharacter(c)) continue;
    const Glyph& glyph = GlyphOf(c);
    for (int row = 0; row < kGlyphRows; ++row) {
      for (int column = 0; column < kGlyphColumns; ++column) {
        if (!glyph.Get(column, row)) continue;
        FillRect(image, x + column * scale, y + row * scale, scale, scale, color);
      }
    }
    x += kGlyphWidth * scale;
  }
}

void DrawLine(Image& image, int32_t x0, int32_t y0, int32_t x1, int32_t y1, uint32_t color) {
  // Walks the longer axis, so that every column (or row) of the line gets exactly one pixel.
  const bool steep = std::abs(int64_t{y1} - y0) > std::abs(int64_t{x1} - x0);
  if (steep) {
    std::swap(x0, y0);
    std::swap(x1, y1);
  }
  if (x0 > x1) {
    std::swap(x0, x1);
    std::swap(y0, y1);
  }
  const int64_t dx = int64_t{x1} - x0;
  const int64_t dy = int64_t{y1} - y0;
  const int32_t limit = steep ? image.width : image.height;
  const Span along(x0, dx + 1, steep ? image.height : image.width);
  for (int32_t a = along.begin; a < along.end; ++a) {
    const int64_t twice = 2 * (a - int64_t{x0}) * dy;
    const int64_t b = dx == 0 ? y0 : y0 + (twice + (twice < 0 ? -dx : dx)) / (2 * dx);
    if (b < 0 || b >= limit) continue;
    uint32_t& pixel = steep ? image.at(int32_t(b), a) : image.at(a, int32_t(b));
    pixel = Over(pixel, color);
  }
}

void FillRect(Image& image, int32_t x, int32_t y, int32_t width, int32_t height, uint32_t color) {
  const Span columns(x, width, image.width);
  const Span rows(y, height, image.height);
  for (int32_t py = rows.begin; py < rows.end; ++py) {
    for (int32_t px = columns.begin; px < columns.end; ++px) {
      image.at(px, py) = Over(image.at(px, py), color);
    }
  }
}

void Paste(Image& image, int32_t x, int32_t y, const Image& source) {
  const Span columns(x, source.width, image.width);
  const Span rows(y, source.height, image.height);
  if (columns.begin >= columns.end) return;
  for (int32_t py = rows.begin; py < rows.end; ++py) {
    const uint32_t* from =
        &source.pixels[size_t(py - y) * size_t(source.width) + size_t(columns.begin - x)];
    std::copy_n(from, columns.end - columns.begin, &image.at(columns.begin, py));
  }
}

}  // namespace voxel
