#include <png.h>

#include <algorithm>
#include <csetjmp>

#include "voxel/base/check.h"
#include "voxel/image/image.h"

namespace voxel {
namespace {

bool Opaque(const Image& image) {
  return std::all_of(image.pixels.begin(), image.pixels.end(),
                     [](uint32_t pixel) { return (pixel & 255) == 255; });
}

// One row as PNG wants it: R, G, B and, with 4 channels, A.
void PackRow(const uint32_t* pixels, int32_t width, int channels, uint8_t* out) {
  for (int32_t x = 0; x < width; ++x, out += channels) {
    const uint32_t pixel = pixels[x];
    out[0] = uint8_t(pixel >> 24);
    out[1] = uint8_t(pixel >> 16);
    out[2] = uint8_t(pixel >> 8);
    if (channels == 4) out[3] = uint8_t(pixel);
  }
}

void Append(png_structp png, png_bytep data, size_t size) {
  auto* out = static_cast<std::string*>(png_get_io_ptr(png));
  out->append(reinterpret_cast<const char*>(data), size);
}

void IgnoreFlush(png_structp) {}

// Writes the whole file; false if libpng gave up. Nothing in this frame has a destructor, so that
// libpng's longjmp skips none.
bool Write(png_structp png, png_infop info, const Image& image, int level, uint8_t* row) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  const bool opaque = Opaque(image);
  png_set_IHDR(png, info, png_uint_32(image.width), png_uint_32(image.height), 8,
               opaque ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
  png_set_compression_level(png, level);
  png_write_info(png, info);
  for (int32_t y = 0; y < image.height; ++y) {
    PackRow(&image.pixels[size_t(y) * size_t(image.width)], image.width, opaque ? 3 : 4, row);
    png_write_row(png, row);
  }
  png_write_end(png, info);
  return true;
}

}  // namespace

std::string EncodePng(const Image& image, int level) {
  VOXEL_CHECK(image.width >= 1 && image.height >= 1);
  VOXEL_CHECK(image.pixels.size() == size_t(image.width) * size_t(image.height));
  std::string out;
  std::vector<uint8_t> row(size_t(image.width) * 4);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  VOXEL_CHECK(png != nullptr);
  png_infop info = png_create_info_struct(png);
  VOXEL_CHECK(info != nullptr);
  png_set_write_fn(png, &out, Append, IgnoreFlush);
  const bool written = Write(png, info, image, std::clamp(level, 0, 9), row.data());
  png_destroy_write_struct(&png, &info);
  VOXEL_CHECK(written);  // writing to memory fails only when there is none
  return out;
}

}  // namespace voxel
