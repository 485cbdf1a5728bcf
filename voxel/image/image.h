// A picture: 8-bit RGBA pixels, rows top to bottom; and PNG, its file format.
//
// Ownership: a plain value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace voxel {

struct Image {
  int32_t width = 0;
  int32_t height = 0;
  std::vector<uint32_t> pixels;  // 0xRRGGBBAA, not premultiplied; width * height of them

  Image() = default;
  Image(int32_t w, int32_t h, uint32_t fill = 0)
      : width(w), height(h), pixels(size_t(w) * size_t(h), fill) {}
  uint32_t& at(int32_t x, int32_t y) { return pixels[size_t(y) * size_t(width) + size_t(x)]; }
  uint32_t at(int32_t x, int32_t y) const { return pixels[size_t(y) * size_t(width) + size_t(x)]; }

  friend bool operator==(const Image&, const Image&) = default;
};

// PNG (ISO/IEC 15948), by libpng: sRGB, truecolour, without an alpha channel where every pixel is
// opaque. Each row is filtered by its left neighbours and deflated at `level`, 0..9: on rendered
// pictures level 1 is twice as fast as 6 and as small. The same picture gives the same bytes with
// the same zlib.
// REQUIRES: width and height in [1, 1000000].
std::string EncodePng(const Image& image, int level = 1);

// Any PNG: palettes, grey, 16 bits and interlacing come out as RGBA8.
//   FORMAT_CORRUPT says what is wrong; LIMIT_BYTES if width * height is over
//   `max_pixels`. Both are found out before memory is taken for pixels, also where the bytes are
//   too few for the size they declare.
absl::StatusOr<Image> DecodePng(std::string_view bytes, int64_t max_pixels = int64_t{64} << 20);

}  // namespace voxel
