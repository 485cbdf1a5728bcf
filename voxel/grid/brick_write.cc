#include "voxel/grid/brick_write.h"

#include <algorithm>

namespace voxel::internal {

Brick* NewUniformBrick(Color color) {
  Brick* brick = NewBrick(Width::kOne);
  if (color == kAir) return brick;
  brick->occupancy.words.fill(~uint64_t{0});
  brick->palette()[0] = color;
  brick->colors = 1;
  return brick;
}

Brick* Widen(Brick* brick) {
  Brick* wide;
  if (brick->width == Width::kOne) {
    wide = NewBrick(Width::kNibble);
    std::copy_n(brick->palette(), brick->colors, wide->palette());
    wide->colors = brick->colors;
  } else {
    wide = NewBrick(Width::kRaw, false);
    DenseBrick voxels;
    BrickDecode(brick, voxels);
    std::copy(voxels.begin(), voxels.end(), wide->raw());
  }
  wide->occupancy = brick->occupancy;
  UnrefBrick(brick);
  return wide;
}

bool WriteVoxel(Brick* brick, int voxel, Color color) {
  if (brick->width == Width::kNibble || brick->width == Width::kRaw) {
    return WriteVoxelFast(brick, voxel, color);
  }
  const int capacity = Brick::Capacity(brick->width);
  int index = 0;
  if (color != kAir) {
    Color* palette = brick->palette();
    index = static_cast<int>(std::find(palette, palette + brick->colors, color) - palette);
    if (index == capacity) return false;
    if (index == brick->colors) palette[brick->colors++] = color;
  }
  if (brick->width == Width::kByte) brick->indices()[voxel] = static_cast<uint8_t>(index);
  brick->occupancy.Put(voxel, color != kAir);
  return true;
}

}  // namespace voxel::internal
