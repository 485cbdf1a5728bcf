#include "voxel/render/overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "voxel/grid/color.h"
#include "voxel/image/draw.h"

namespace voxel {
namespace {

// 1 for thumbnails, 2 from 384 pixels on, and so on.
int32_t Scale(const Image& image) {
  return std::max(1, (std::min(image.width, image.height) + 128) / 256);
}

// A text colour that can be read on `background`; transparent counts as light.
uint32_t Ink(uint32_t background) {
  const uint32_t luma = 299 * Red(background) + 587 * Green(background) + 114 * Blue(background);
  const bool dark = Alpha(background) >= 128 && luma < 128 * 1000;
  return dark ? 0xF4F5F7FF : 0x2B2F36FF;
}

// Half-covering paper under text, so that it reads on voxels too.
uint32_t Paper(uint32_t background) {
  return (Alpha(background) == 0 ? 0xFFFFFF00 : background & 0xFFFFFF00) | 0xB0;
}

struct AxisStyle {
  char name;
  uint32_t color;
};
constexpr std::array<AxisStyle, 3> kAxes = {
    {{'x', 0xD64541FF}, {'y', 0x3C9D4EFF}, {'z', 0x3A6FD8FF}}};

void DrawThickLine(Image& image, double x, double y, double dx, double dy, int32_t thickness,
                   uint32_t color) {
  const int steps = int(std::ceil(std::max(std::abs(dx), std::abs(dy))));
  for (int i = 0; i <= steps; ++i) {
    const double part = steps == 0 ? 0 : double(i) / steps;
    FillRect(image, int32_t(std::lround(x + dx * part)) - thickness / 2,
             int32_t(std::lround(y + dy * part)) - thickness / 2, thickness, thickness, color);
  }
}

}  // namespace

void DrawLabel(Image& image, std::string_view name, uint32_t background) {
  int32_t scale = Scale(image);
  while (scale > 1 && TextWidth(name, scale) + 8 * scale > image.width) --scale;
  const int32_t gap = 3 * scale;
  FillRect(image, 0, 0, TextWidth(name, scale) + 2 * gap, kGlyphHeight * scale + 2 * gap - scale,
           Paper(background));
  DrawText(image, gap + scale / 2, gap, name, Ink(background), scale);
}

void DrawAxes(Image& image, const Orientation& view, uint32_t background) {
  const int32_t scale = Scale(image);
  const double length = 14.0 * scale;
  const int32_t size = 48 * scale;
  const double x = size / 2.0;
  const double y = image.height - size / 2.0;
  FillRect(image, 0, image.height - size, size, size, Paper(background));
  std::array<int, 3> order = {0, 1, 2};  // the farthest first, so that nearer ones cover it
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return view.forward[a] > view.forward[b]; });
  for (const int axis : order) {
    const AxisStyle& style = kAxes[size_t(axis)];
    const double dx = view.right[axis] * length;
    const double dy = -view.up[axis] * length;
    DrawThickLine(image, x, y, dx, dy, scale + 1, style.color);
    const double shown = std::hypot(dx, dy);
    if (shown < length / 8) continue;  // its letter would stand on the others
    const double beyond = (shown + 5 * scale) / shown;
    DrawText(image, int32_t(std::lround(x + dx * beyond)) - 5 * scale / 2,
             int32_t(std::lround(y + dy * beyond)) - 7 * scale / 2,
             std::string_view(&style.name, 1), style.color, scale);
  }
}

}  // namespace voxel
