// Writing single voxels of a brick in place, the hot path of VolumeEditor::Set. Private to voxel/grid.
//
// Ownership: only for bricks whose slot is owned by the running transaction.
#pragma once

#include "voxel/grid/brick_rep.h"

namespace voxel::internal {

// A writable brick full of one colour.
Brick* NewUniformBrick(Color color);

// A brick of the same voxels with room for one more colour; `brick` is let go of. Goes from 16 colours to raw at once:
// a brick that gets a 17th colour in one transaction is likely to get many, and canonicalizing narrows it again.
Brick* Widen(Brick* brick);

// Writes one voxel; false, with nothing written, if the palette has no room (Widen and try again).
inline bool WriteVoxel(Brick* brick, int voxel, Color color) {
  uint64_t& word = brick->occupancy.words[voxel >> 6];
  const uint64_t bit = uint64_t{1} << (voxel & 63);
  if (brick->width == Width::kRaw) {
    brick->raw()[voxel] = color;
    word = color != kAir ? word | bit : word & ~bit;
    return true;
  }
  int index = 0;
  if (color != kAir) {
    Color* palette = brick->palette();
    const int colors = brick->colors;
    while (index < colors && palette[index] != color) ++index;
    if (index == colors) {
      if (colors == Brick::Capacity(brick->width)) return false;
      palette[index] = color;
      ++brick->colors;
    }
    word |= bit;
  } else {
    word &= ~bit;
  }
  if (brick->width == Width::kNibble) {
    uint8_t& pair = brick->indices()[voxel >> 1];
    const int shift = (voxel & 1) << 2;
    pair = static_cast<uint8_t>((pair & ~(15 << shift)) | index << shift);
  } else if (brick->width == Width::kByte) {
    brick->indices()[voxel] = static_cast<uint8_t>(index);
  }
  return true;
}

}  // namespace voxel::internal
