#include "bench/landscape.h"

#include <cmath>

#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

int32_t Height(int32_t x, int32_t y) {
  return int32_t(60 + 26 * std::sin(x * 0.035) * std::cos(y * 0.03) +
                 9 * std::sin(x * 0.11 + y * 0.07) + 4 * std::sin(y * 0.23 - x * 0.19));
}

Color Ground(int32_t x, int32_t y, int32_t z, int32_t depth) {
  const Color base = depth < 2 ? 0x4F9F3F00u : depth < 8 ? 0x8F5F2F00u : 0x77777700u;
  return (base + uint32_t((x ^ y ^ z) & 3) * 0x04040400u) | 255;
}

}  // namespace

Volume Landscape(int32_t side) {
  VolumeEditor editor{Volume()};
  for (int32_t y = 0; y < side; ++y) {
    for (int32_t x = 0; x < side; ++x) {
      const int32_t height = Height(x, y);
      for (int32_t z = 0; z <= height; ++z) editor.Set({x, y, z}, Ground(x, y, z, height - z));
      if (x % 64 <= 57 || y % 64 <= 57) continue;
      for (int32_t z = height; z < 150; ++z) editor.Set({x, y, z}, 0xC0B090FF);
    }
  }
  for (int32_t z = -45; z < 45; ++z) {
    for (int32_t y = -45; y < 45; ++y) {
      for (int32_t x = -45; x < 45; ++x) {
        if (x * x + y * y + z * z >= 45 * 45) continue;
        editor.Set({side / 2 + x, side / 2 - 18 + y, 150 + z}, 0xD04020FF);
      }
    }
  }
  return editor.Commit();
}

}  // namespace voxel
