// A voxel's value: 32-bit RGBA, packed 0xRRGGBBAA as in the API. Alpha 0 is air and is always
// stored as 0.
#pragma once

#include <cstdint>

namespace voxel {

using Color = uint32_t;
inline constexpr Color kAir = 0;

constexpr uint32_t Red(Color c) { return c >> 24; }
constexpr uint32_t Green(Color c) { return (c >> 16) & 255; }
constexpr uint32_t Blue(Color c) { return (c >> 8) & 255; }
constexpr uint32_t Alpha(Color c) { return c & 255; }
// REQUIRES: each channel <= 255.
constexpr Color Rgba(uint32_t r, uint32_t g, uint32_t b, uint32_t a = 255) {
  return a == 0 ? kAir : (r << 24 | g << 16 | b << 8 | a);
}
constexpr Color Normalized(Color c) { return Alpha(c) == 0 ? kAir : c; }

}  // namespace voxel
