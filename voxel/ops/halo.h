// The solid voxels of a brick and of the layer of voxels around it: what neighbourhoods are read
// from, a row at a time. Private to voxel/ops.
//
// Cost: 7 cells looked up for faces, 27 with the diagonals; then bits.
#pragma once

#include <array>
#include <cstdint>

#include "voxel/grid/brick.h"
#include "voxel/grid/volume.h"

namespace voxel {

class Halo {
 public:
  // Without `diagonals` only what touches the brick at `min` by a face is right, the rest is clear.
  // Outside the world nothing is solid.
  Halo(const Volume& volume, Coord min, bool diagonals);

  // Row (y, z), both -1 to 16: bit x + 1 is voxel x, -1 to 16.
  uint32_t Row(int y, int z) const { return rows_[(z + 1) * kSide + y + 1]; }
  // The 16 voxels at x + dx of the row.
  uint32_t Row(int y, int z, int dx) const { return Row(y, z) >> (1 + dx) & 0xFFFF; }

 private:
  static constexpr int kSide = kBrickSize + 2;
  void Add(const BrickMask& brick, Coord side);

  std::array<uint32_t, kSide * kSide> rows_{};
};

}  // namespace voxel
