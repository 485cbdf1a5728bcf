// Boxes and masks of one brick, in the brick's own space [0, 16).
#pragma once

#include <bit>

#include "voxel/grid/box.h"
#include "voxel/grid/brick.h"
#include "voxel/grid/volume.h"

namespace voxel {

// The tight box of the set voxels; empty if there are none.
Box MaskBounds(const BrickMask& mask);

// The mask of the voxels of the brick at `min` that lie in `box`.
BrickMask BoxMask(Coord min, const Box& box);

// The voxels of `cell` that are not air and lie in `box`. REQUIRES: cell.size is 16.
BrickMask SolidBits(const Cell& cell, const Box& box);

// The voxels of `a` that `b` has too.
inline BrickMask operator&(const BrickMask& a, const BrickMask& b) {
  BrickMask both;
  for (size_t w = 0; w < both.words.size(); ++w) both.words[w] = a.words[w] & b.words[w];
  return both;
}

// The voxels of either.
inline BrickMask operator|(const BrickMask& a, const BrickMask& b) {
  BrickMask either;
  for (size_t w = 0; w < either.words.size(); ++w) either.words[w] = a.words[w] | b.words[w];
  return either;
}

// Row y | z << 4, a bit for each x.
inline uint32_t RowOf(const BrickMask& mask, int row) {
  return static_cast<uint32_t>(mask.words[row >> 2] >> ((row & 3) << 4)) & 0xFFFF;
}

// Where voxel `index` of the brick at `min` lies.
inline Coord InBrick(Coord min, int index) {
  return min + Coord{index & 15, index >> 4 & 15, index >> 8};
}

// Calls fn(index) for each set bit, ascending.
template <typename Fn>
void ForEachBit(const BrickMask& mask, Fn&& fn) {
  for (int w = 0; w < kBrickVoxels / 64; ++w) {
    for (uint64_t bits = mask.words[w]; bits != 0; bits &= bits - 1) {
      fn(w << 6 | std::countr_zero(bits));
    }
  }
}

}  // namespace voxel
