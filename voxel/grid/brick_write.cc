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
  const uint16_t solid = NotAirOf16(colors);
  if (!brick->form.masked && solid != 0xffff) return WriteSingly(brick, voxel, colors, kBrickSize);
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
  if (brick->form.masked) brick->mask().PutRow(voxel >> kBrickBits, solid);
  return kBrickSize;
}

}  // namespace

Brick* NewUniformBrick(Color color) {
  Brick* brick = NewBrick({Width::kOne, true});
  if (color == kAir) return brick;
  brick->mask() = kFullMask;
  brick->palette()[0] = color;
  brick->colors = 1;
  return brick;
}

Brick* WritableCopy(const Brick* brick) {
  if (brick->width() == Width::kSparse) {
    Brick* const copy = NewBrick({FullWidth(brick), true});
    std::copy_n(brick->palette(), brick->colors, copy->palette());
    copy->colors = brick->colors;
    copy->mask() = brick->occupancy();
    SpreadIndices(brick, copy->indices());
    return copy;
  }
  return brick->width() == Width::kRaw ? CloneAs(brick, false) : CloneBrick(brick);
}

Brick* Widen(Brick* brick, Color color) {
  Brick* wide;
  if (color == kAir) {
    wide = CloneAs(brick, true);
  } else if (brick->width() == Width::kOne) {
    const bool full = brick->occupancy().All();
    wide = NewBrick({Width::kNibble, !full});
    std::copy_n(brick->palette(), brick->colors, wide->palette());
    wide->colors = brick->colors;
    if (!full) wide->mask() = brick->occupancy();
  } else {
    wide = NewBrick({Width::kRaw, false}, false);
    DenseBrick voxels;
    BrickDecode(brick, voxels);
    std::copy(voxels.begin(), voxels.end(), wide->raw());
  }
  UnrefBrick(brick);
  return wide;
}

bool WriteVoxel(Brick* brick, int voxel, Color color) {
  if (brick->width() == Width::kNibble || brick->width() == Width::kRaw) {
    return WriteVoxelFast(Slot::Owned(brick), voxel, color);
  }
  if (color == kAir && !brick->form.masked) return false;
  const int capacity = Brick::Capacity(brick->width());
  int index = 0;
  if (color != kAir) {
    Color* palette = brick->palette();
    index = static_cast<int>(std::find(palette, palette + brick->colors, color) - palette);
    if (index == capacity) return false;
    if (index == brick->colors) palette[brick->colors++] = color;
  }
  if (brick->width() == Width::kByte) brick->indices()[voxel] = static_cast<uint8_t>(index);
  if (brick->form.masked) brick->mask().Put(voxel, color != kAir);
  return true;
}

int WriteRow(Brick* brick, int voxel, const Color* colors, int n) {
  if (brick->width() == Width::kRaw) {
    std::copy_n(colors, n, brick->raw() + voxel);
    return n;
  }
  if (n == kBrickSize && brick->width() == Width::kNibble) {
    return WriteNibbles(brick, voxel, colors);
  }
  return WriteSingly(brick, voxel, colors, n);
}

}  // namespace voxel::internal
