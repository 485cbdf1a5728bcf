#include <png.h>

#include <bit>
#include <cstring>

#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"
#include "voxel/image/image.h"

namespace voxel {
namespace {

constexpr size_t kHeaderBytes = 33;  // signature 8, then IHDR: length 4, type 4, content 13, CRC 4

uint32_t BigEndian(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | uint8_t(bytes[at + i]);
  return value;
}

int Channels(uint8_t color_type) {
  switch (color_type) {
    case PNG_COLOR_TYPE_GRAY:
    case PNG_COLOR_TYPE_PALETTE:
      return 1;
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      return 2;
    case PNG_COLOR_TYPE_RGB:
      return 3;
    default:
      return 4;
  }
}

absl::Status Corrupt(std::string_view what) {
  return Error(Reason::FORMAT_CORRUPT, StrCat("PNG: ", what));
}

// Judges the declared size by IHDR alone.
absl::Status CheckSize(std::string_view bytes, int64_t max_pixels) {
  static constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
  if (bytes.substr(0, 8) != kSignature) return Corrupt("the signature is missing at byte 0");
  if (bytes.size() < kHeaderBytes || bytes.substr(12, 4) != "IHDR") {
    return Corrupt("no IHDR chunk at byte 8");
  }
  const uint32_t width = BigEndian(bytes, 16);
  const uint32_t height = BigEndian(bytes, 20);
  const std::string size = StrCat(width, " x ", height);
  constexpr uint32_t kMaxSide = PNG_USER_WIDTH_MAX;
  if (width == 0 || height == 0 || width > kMaxSide || height > kMaxSide) {
    return Corrupt(StrCat("IHDR at byte 16 says ", size, " pixels; sides are 1 to ", kMaxSide));
  }
  const int64_t pixels = int64_t{width} * height;
  if (pixels > max_pixels) {
    return Error(Reason::LIMIT_BYTES,
                 StrCat("PNG: ", size, " pixels; at most ", max_pixels, " in all are accepted"));
  }
  // Deflate makes at most 1032 bytes out of one.
  const int64_t bits = pixels * uint8_t(bytes[24]) * Channels(uint8_t(bytes[25]));
  if (bits / 8 > int64_t(bytes.size()) * 1032) {
    return Corrupt(StrCat(bytes.size(), " bytes cannot hold the ", size, " pixels of IHDR"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Image> DecodePng(std::string_view bytes, int64_t max_pixels) {
  if (absl::Status status = CheckSize(bytes, max_pixels); !status.ok()) return status;
  // libpng's simplified interface: it catches its own longjmp and leaves a message.
  png_image png;
  std::memset(&png, 0, sizeof png);
  png.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) == 0) {
    return Corrupt(png.message);
  }
  // The byte order that makes a pixel read as 0xRRGGBBAA.
  png.format = std::endian::native == std::endian::little ? PNG_FORMAT_ABGR : PNG_FORMAT_RGBA;
  Image image(int32_t(png.width), int32_t(png.height));
  const int done = png_image_finish_read(&png, nullptr, image.pixels.data(), 0, nullptr);
  png_image_free(&png);
  if (done == 0) return Corrupt(png.message);
  return image;
}

}  // namespace voxel
