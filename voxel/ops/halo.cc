#include "voxel/ops/halo.h"

#include <cstdlib>

namespace voxel {
namespace {

// The part of a neighbouring brick that touches: its voxels [first, last] along an axis.
struct Reach {
  int first;
  int last;
};
Reach ReachOf(int side) {
  if (side == 0) return {0, kBrickSize - 1};
  return side < 0 ? Reach{kBrickSize - 1, kBrickSize - 1} : Reach{0, 0};
}

}  // namespace

Halo::Halo(const Volume& volume, Coord min, bool diagonals) {
  for (int dz = -1; dz <= 1; ++dz) {
    for (int dy = -1; dy <= 1; ++dy) {
      for (int dx = -1; dx <= 1; ++dx) {
        if (!diagonals && std::abs(dx) + std::abs(dy) + std::abs(dz) > 1) continue;
        const Coord at = min + Coord{dx * kBrickSize, dy * kBrickSize, dz * kBrickSize};
        if (!InWorld(at)) continue;
        const Cell cell = volume.CellAt(at);
        if (cell.brick != nullptr) {
          Add(BrickOccupancy(cell.brick), {dx, dy, dz});
        } else if (cell.color != kAir) {
          BrickMask all;
          all.words.fill(~uint64_t{0});
          Add(all, {dx, dy, dz});
        }
      }
    }
  }
}

void Halo::Add(const BrickMask& brick, Coord side) {
  const Reach ys = ReachOf(side.y);
  const Reach zs = ReachOf(side.z);
  for (int z = zs.first; z <= zs.last; ++z) {
    for (int y = ys.first; y <= ys.last; ++y) {
      uint32_t bits =
          static_cast<uint32_t>(brick.words[z << 2 | y >> 2] >> ((y & 3) << 4)) & 0xFFFF;
      if (side.x < 0) {
        bits = bits >> (kBrickSize - 1);
      } else {
        bits = side.x == 0 ? bits << 1 : (bits & 1) << (kBrickSize + 1);
      }
      rows_[(z + side.z * kBrickSize + 1) * kSide + y + side.y * kBrickSize + 1] |= bits;
    }
  }
}

}  // namespace voxel
