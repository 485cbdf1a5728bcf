#include "voxel/grid/mode.h"

#include <algorithm>

namespace voxel {
namespace {

Color Over(Color a, Color b) {
  const uint32_t top = Alpha(b);
  const uint32_t below = Alpha(a) * (255 - top);
  const uint32_t weight = 255 * top + below;
  if (weight == 0) return kAir;
  const auto mix = [&](uint32_t ca, uint32_t cb) { return (255 * cb * top + ca * below) / weight; };
  return Rgba(mix(Red(a), Red(b)), mix(Green(a), Green(b)), mix(Blue(a), Blue(b)),
              top + below / 255);
}

Color Paint(Color a, Color b) {
  const int share = static_cast<int>(Alpha(b));
  const auto mix = [share](uint32_t ca, uint32_t cb) {
    const int from = static_cast<int>(ca);
    return static_cast<uint32_t>(from + (static_cast<int>(cb) - from) * share / 255);
  };
  return Rgba(mix(Red(a), Red(b)), mix(Green(a), Green(b)), mix(Blue(a), Blue(b)), Alpha(a));
}

Color MultAlpha(Color a, Color b) {
  const uint32_t share = Alpha(b);
  return Rgba(Red(a) * share / 255, Green(a) * share / 255, Blue(a) * share / 255,
              Alpha(a) * share / 255);
}

Color WithAlpha(Color c, uint32_t alpha) { return Rgba(Red(c), Green(c), Blue(c), alpha); }

}  // namespace

Color Blend(Mode mode, Color a, Color b) {
  const uint32_t alpha_a = Alpha(a);
  const uint32_t alpha_b = Alpha(b);
  switch (mode) {
    case Mode::kOver:
      return Over(a, b);
    case Mode::kSub:
      return WithAlpha(a, alpha_a > alpha_b ? alpha_a - alpha_b : 0);
    case Mode::kSubClamp:
      return WithAlpha(a, std::min(alpha_a, 255 - alpha_b));
    case Mode::kPaint:
      return Paint(a, b);
    case Mode::kMax:
      return WithAlpha(b, std::max(alpha_a, alpha_b));
    case Mode::kIntersect:
      return WithAlpha(a, std::min(alpha_a, alpha_b));
    case Mode::kIntersectFill:
      return WithAlpha(b, std::min(alpha_a, alpha_b));
    case Mode::kMultAlpha:
      return MultAlpha(a, b);
    case Mode::kReplace:
      return b;
  }
  return b;
}

}  // namespace voxel
