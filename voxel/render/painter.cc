#include "voxel/render/painter.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "voxel/base/status_macros.h"
#include "voxel/grid/color.h"
#include "voxel/render/clearance.h"
#include "voxel/render/lighting.h"
#include "voxel/render/shader.h"

namespace voxel {
namespace {

constexpr int kBandRows = 8;       // enough for neighbouring rows to share faces
constexpr int kEdgeContrast = 12;  // of 255, in any channel

struct Offset {
  double x;
  double y;
};
// A rotated grid: no two rays share a row or a column, which serves near-level and near-upright
// edges best.
constexpr std::array<Offset, 4> kSubpixels = {
    {{0.375, 0.125}, {0.875, 0.375}, {0.125, 0.625}, {0.625, 0.875}}};

// Where voxels are smaller, nearly every pixel is an edge, and smoothing would cost four pictures.
bool Smooths(const Camera& camera) { return camera.pixels_per_voxel >= kFineFromPixels; }

int BandsOfPass(const Camera& camera) { return (camera.height + kBandRows - 1) / kBandRows; }

uint32_t Channel(float value) { return uint32_t(std::clamp(value + 0.5f, 0.0f, 255.0f)); }

// `tint` over the background, as a pixel.
uint32_t Finish(const Tint& tint, uint32_t background) {
  const float under = (1 - tint.alpha) * float(Alpha(background)) / 255;
  const float alpha = tint.alpha + under;
  if (alpha <= 0) return background;
  const auto mix = [&](float light, uint32_t back) {
    return Channel((light + float(back) * under) / alpha);
  };
  return mix(tint.light.r, Red(background)) << 24 | mix(tint.light.g, Green(background)) << 16 |
         mix(tint.light.b, Blue(background)) << 8 | Channel(alpha * 255);
}

int Contrast(uint32_t a, uint32_t b) {
  int most = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    most = std::max(most, std::abs(int(a >> shift & 255) - int(b >> shift & 255)));
  }
  return most;
}

// Whether the pixel differs visibly from one of the four beside it.
bool IsEdge(const Image& image, int32_t x, int32_t y) {
  const uint32_t here = image.at(x, y);
  const auto differs = [&](int32_t nx, int32_t ny) {
    if (nx < 0 || ny < 0 || nx >= image.width || ny >= image.height) return false;
    return Contrast(here, image.at(nx, ny)) >= kEdgeContrast;
  };
  return differs(x - 1, y) || differs(x + 1, y) || differs(x, y - 1) || differs(x, y + 1);
}

Clearance ClearanceFor(const Camera& camera, const OccupancyIndex& index) {
  const double radius = kTileSide * std::sqrt(0.5) / camera.pixels_per_voxel;
  // Filling a cube costs as much as about 30 pixels gain by it.
  const int64_t pixels = int64_t{camera.width} * camera.height;
  return Clearance(index, radius, size_t(pixels / 32));
}

Tint TraceFour(Shader& shader, int32_t x, int32_t y) {
  Tint sum;
  for (const Offset& offset : kSubpixels) {
    const Tint tint = shader.Trace(x + offset.x, y + offset.y);
    sum.light = sum.light + tint.light * 0.25f;
    sum.alpha += tint.alpha * 0.25f;
  }
  return sum;
}

}  // namespace

int64_t BandsOf(const Camera& camera) {
  return int64_t{BandsOfPass(camera)} * (Smooths(camera) ? 2 : 1);
}

absl::StatusOr<Image> PaintView(const Volume& volume, const OccupancyIndex& index,
                                const Camera& camera, uint32_t background, BandRunner& bands) {
  const Lighting lighting(camera.orientation);
  const Clearance clearance = ClearanceFor(camera, index);
  // Gives each pixel to paint(shader, x, y), tile by tile, with one shader for a band.
  const auto for_each_pixel = [&](auto paint) {
    return bands.Run(BandsOfPass(camera), [&](int band) {
      Shader shader(volume, index, camera, lighting, clearance);
      const int32_t top = band * kBandRows;
      for (int32_t left = 0; left < camera.width; left += kTileSide) {
        shader.BeginTile(left, top);
        for (int32_t y = top; y < std::min(camera.height, top + kTileSide); ++y) {
          for (int32_t x = left; x < std::min(camera.width, left + kTileSide); ++x) {
            paint(shader, x, y);
          }
        }
      }
    });
  };
  Image image(camera.width, camera.height);
  VOXEL_RETURN_IF_ERROR(for_each_pixel([&](Shader& shader, int32_t x, int32_t y) {
    image.at(x, y) = Finish(shader.Trace(x + 0.5, y + 0.5), background);
  }));
  if (!Smooths(camera)) return image;
  Image smooth = image;
  VOXEL_RETURN_IF_ERROR(for_each_pixel([&](Shader& shader, int32_t x, int32_t y) {
    if (IsEdge(image, x, y)) smooth.at(x, y) = Finish(TraceFour(shader, x, y), background);
  }));
  return smooth;
}

}  // namespace voxel
