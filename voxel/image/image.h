// A picture: 8-bit RGBA pixels, rows top to bottom.
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
  Image(int32_t w, int32_t h, uint32_t fill = 0) : width(w), height(h), pixels(size_t(w) * size_t(h), fill) {}
  uint32_t& at(int32_t x, int32_t y) { return pixels[size_t(y) * size_t(width) + size_t(x)]; }
  uint32_t at(int32_t x, int32_t y) const { return pixels[size_t(y) * size_t(width) + size_t(x)]; }
};

// PNG (ISO/IEC 15948), by libpng. `level` 0..9 trades time for size.
std::string EncodePng(const Image& image, int level = 1);
// FORMAT_CORRUPT, or LIMIT_BYTES if width * height is over `max_pixels` (checked before memory is taken).
absl::StatusOr<Image> DecodePng(std::string_view bytes, int64_t max_pixels = int64_t{64} << 20);

}  // namespace voxel
