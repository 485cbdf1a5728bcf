#include "voxel/grid/brick_write.h"

#include <algorithm>
#include <cstring>

namespace voxel::internal {
namespace {

int WriteSingly(Brick* brick, int voxel, const Color* colors, int n) {
  for (int i = 0; i < n; ++i) {
    if (!WriteVoxel(brick, voxel + i, colors[i])) return i;
  }
  return n;
}

// A whole row of a nibble brick, its 16 indices in one word.
int WriteNibbles(Brick* brick, int voxel, const Color* colors) {
  Color* const palette = brick->palette();
  uint8_t packed[kBrickSize / 2] = {};
  Color last = kAir;
  int index = 0;
  for (int i = 0; i < kBrickSize; ++i) {
    if (colors[i] != last) {
      last = colors[i];
      index = last == kAir ? 0 : FindAmong16(palette, last);
      if (index == kNotThere) {
        if (brick->colors == kNibbleColors) return WriteSingly(brick, voxel, colors, i);
        index = brick->colors++;
        palette[index] = last;
      }
    }
    packed[i >> 1] = static_cast<uint8_t>(packed[i >> 1] | index << ((i & 1) << 2));
  }
  std::memcpy(brick->indices() + (voxel >> 1), packed, sizeof(packed));
  brick->occupancy.PutRow(voxel >> kBrickBits, NotAirOf16(colors));
  return kBrickSize;
}

}  // namespace

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

int WriteRow(Brick* brick, int voxel, const Color* colors, int n) {
  if (n == kBrickSize && brick->width == Width::kNibble) return WriteNibbles(brick, voxel, colors);
  return WriteSingly(brick, voxel, colors, n);
}

}  // namespace voxel::internal
