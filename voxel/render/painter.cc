#include "voxel/render/painter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/grid/color.h"
#include "voxel/render/lighting.h"
#include "voxel/render/shader.h"
#include "voxel/render/span_map.h"

namespace voxel {
namespace {

constexpr int kTileSide = 8;  // large enough for neighbouring rows to share faces
constexpr int kBandRows = kTileSide;
constexpr int kBandColumns = 512;  // of a wider picture, so that it can be stopped soon
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

int BandsAcross(const Camera& camera) { return (camera.width + kBandColumns - 1) / kBandColumns; }
int BandsOfPass(const Camera& camera) {
  return BandsAcross(camera) * ((camera.height + kBandRows - 1) / kBandRows);
}

uint32_t Channel(float value) { return uint32_t(std::clamp(value + 0.5f, 0.0f, 255.0f)); }

// `tint` over the background, as a pixel.
uint32_t Finish(const Tint& tint, uint32_t background) {
  if (tint.alpha <= 0) return background;
  const float under = (1 - tint.alpha) * float(Alpha(background)) / 255;
  const float alpha = tint.alpha + under;
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

// What the picture's pixels show, across the view.
PlaneWindow WindowOf(const Camera& camera) {
  const Vec3 low = camera.RayOrigin(0, camera.height);
  const Vec3 high = camera.RayOrigin(camera.width, 0);
  const Orientation& view = camera.orientation;
  return {{Dot(low, view.right), Dot(low, view.up)}, {Dot(high, view.right), Dot(high, view.up)}};
}

constexpr int kMaps = 2;  // that a picture needs: sight and sunbeams
constexpr int64_t kMostCubes = 1 << 20;

absl::StatusOr<Scene> SceneOf(const Volume& volume, const OccupancyIndex& index,
                              const Camera& camera, const Lighting& lighting, BandRunner& bands) {
  // A cube costs a map less than a pixel gains by it.
  const auto most =
      static_cast<size_t>(std::min(int64_t{camera.width} * camera.height, kMostCubes));
  const double pixel = 1 / camera.pixels_per_voxel;
  const Orientation& view = camera.orientation;
  absl::StatusOr<SpanMap> maps[kMaps];
  VOXEL_RETURN_IF_ERROR(bands.Run(kMaps, [&](int i) {
    maps[i] = i == 0 ? SpanMap::Build(index, RayDirection(view.forward), {view.right, view.up},
                                      pixel, most, WindowOf(camera), bands.context())
                     : SpanMap::Build(index, lighting.to_sun, AxesAcross(lighting.to_sun.d), pixel,
                                      most, {}, bands.context());
  }));
  for (const absl::StatusOr<SpanMap>& map : maps) VOXEL_RETURN_IF_ERROR(map.status());
  return Scene{volume, index, camera, lighting, *std::move(maps[0]), *std::move(maps[1])};
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
  return kMaps + int64_t{BandsOfPass(camera)} * (Smooths(camera) ? 2 : 1);
}

absl::StatusOr<Image> PaintView(const Volume& volume, const OccupancyIndex& index,
                                const Camera& camera, const Lighting& lighting, uint32_t background,
                                BandRunner& bands) {
  VOXEL_ASSIGN_OR_RETURN(const Scene scene, SceneOf(volume, index, camera, lighting, bands));
  // Gives each pixel to paint(shader, x, y), tile by tile, with one shader for a band.
  const auto for_each_pixel = [&](auto paint) {
    return bands.Run(BandsOfPass(camera), [&](int band) {
      Shader shader(scene);
      const int32_t top = band / BandsAcross(camera) * kBandRows;
      const int32_t begin = band % BandsAcross(camera) * kBandColumns;
      const int32_t end = std::min(camera.width, begin + kBandColumns);
      for (int32_t left = begin; left < end; left += kTileSide) {
        for (int32_t y = top; y < std::min(camera.height, top + kTileSide); ++y) {
          for (int32_t x = left; x < std::min(end, left + kTileSide); ++x) {
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
