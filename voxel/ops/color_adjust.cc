#include "voxel/ops/color_adjust.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace voxel {
namespace {

struct Channels {
  int32_t c[3];

  int32_t most() const { return std::max({c[0], c[1], c[2]}); }
  int32_t least() const { return std::min({c[0], c[1], c[2]}); }
};

int32_t Rounded(int32_t value, int32_t by) {
  return value >= 0 ? (2 * value + by) / (2 * by) : -((by - 2 * value) / (2 * by));
}

int32_t Clamped(int32_t channel) { return std::clamp(channel, 0, 255); }

// Where on the hexagon: 0 at red, then towards green. REQUIRES: not grey.
int32_t HuePosition(const Channels& in) {
  const auto [r, g, b] = in.c;
  const int32_t most = in.most();
  const int32_t chroma = most - in.least();
  if (r == most) return g >= b ? g - b : 6 * chroma + g - b;
  return g == most ? 2 * chroma + b - r : 4 * chroma + r - g;
}

// The colour at `position` with that least channel and chroma.
Channels AtHue(int32_t position, int32_t least, int32_t chroma) {
  const auto channel = [&](int32_t peak) {
    // A channel is full within one sector of its peak, and gone two sectors away.
    const int32_t off = std::abs(position - peak);
    const int32_t away = std::min(off, 6 * chroma - off);
    return least + std::clamp(2 * chroma - away, 0, chroma);
  };
  return {{channel(0), channel(2 * chroma), channel(4 * chroma)}};
}

Channels TurnHue(const Channels& in, int32_t degrees) {
  const int32_t least = in.least();
  const int32_t chroma = in.most() - least;
  if (degrees == 0 || chroma == 0) return in;
  const int32_t circle = 6 * chroma;
  const int32_t moved = HuePosition(in) + Rounded(degrees * chroma, 60);
  return AtHue(((moved % circle) + circle) % circle, least, chroma);
}

}  // namespace

Color Adjusted(const Adjust& edit, Color color) {
  Channels now{{static_cast<int32_t>(Red(color)), static_cast<int32_t>(Green(color)),
                static_cast<int32_t>(Blue(color))}};
  now = TurnHue(now, edit.hue);
  const int32_t grey = (now.most() + now.least()) / 2;
  for (int32_t& c : now.c) {
    c = Clamped(grey + Rounded((c - grey) * (100 + edit.saturation), 100));
    c += Rounded((edit.lightness > 0 ? 255 - c : c) * edit.lightness, 100);
    c = Clamped(128 + Rounded((c - 128) * (100 + edit.contrast), 100));
  }
  return Rgba(static_cast<uint32_t>(now.c[0]), static_cast<uint32_t>(now.c[1]),
              static_cast<uint32_t>(now.c[2]), Alpha(color));
}

}  // namespace voxel
