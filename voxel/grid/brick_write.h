// Writing voxels of a brick in place, the hot path of VolumeEditor::Set and SetRow. Private to
// voxel/grid.
//
// Ownership: only for bricks whose slot is owned by the running transaction.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <cstring>

#include "voxel/grid/brick_rep.h"

namespace voxel::internal {

// A writable brick full of one colour.
Brick* NewUniformBrick(Color color);

// A brick of the same voxels with room for one more colour; `brick` is let go of. Goes from 16
// colours to raw at once: a brick that gets a 17th colour in one transaction is likely to get many,
// and canonicalizing narrows it again.
Brick* Widen(Brick* brick);

inline constexpr int kNotThere = -1;

// The index of `color` among 16 palette entries, kNotThere if it is not there. Compares all of them
// at once: which one matches is rarely predictable. Unused entries are air. REQUIRES: color is not
// air; `palette` is aligned to 16.
inline int FindAmong16(const Color* palette, Color color) {
  using Four __attribute__((vector_size(16), may_alias)) = uint32_t;
  const auto* group = reinterpret_cast<const Four*>(palette);
  constexpr Four kFirst = {1, 2, 4, 8};
  const Four hits = ((group[0] == color) & kFirst) | ((group[1] == color) & (kFirst << 4)) |
                    ((group[2] == color) & (kFirst << 8)) | ((group[3] == color) & (kFirst << 12));
  const uint32_t bits = hits[0] | hits[1] | hits[2] | hits[3];
  return bits != 0 ? std::countr_zero(bits) : kNotThere;
}

// Writes one voxel of a nibble or raw brick; false, with nothing written, for other bricks and if
// the palette has no room: WriteVoxel is the answer then.
inline bool WriteVoxelFast(Brick* brick, int voxel, Color color) {
  int index = 0;
  if (brick->width == Width::kNibble) {
    Color* palette = brick->palette();
    index = color == kAir ? 0 : FindAmong16(palette, color);
    if (index == kNotThere) {
      if (brick->colors == kNibbleColors) return false;
      index = brick->colors++;
      palette[index] = color;
    }
    uint8_t& pair = brick->indices()[voxel >> 1];
    const int shift = (voxel & 1) << 2;
    pair = static_cast<uint8_t>((pair & ~(15 << shift)) | index << shift);
  } else if (brick->width == Width::kRaw) {
    brick->raw()[voxel] = color;
  } else {
    return false;
  }
  brick->occupancy.Put(voxel, color != kAir);
  return true;
}

// Writes one voxel of any brick; false, with nothing written, if the palette has no room (Widen and
// try again).
bool WriteVoxel(Brick* brick, int voxel, Color color);

// Of 16 colours, bit i set where the i-th is not air.
inline uint16_t NotAirOf16(const Color* colors) {
#if defined(__SSE2__)
  const auto* group = reinterpret_cast<const __m128i*>(colors);
  const auto air = [&](int i) {
    return _mm_cmpeq_epi32(_mm_loadu_si128(group + i), _mm_setzero_si128());
  };
  const __m128i bytes = _mm_packs_epi16(_mm_packs_epi32(air(0), air(1)),  //
                                        _mm_packs_epi32(air(2), air(3)));
  return static_cast<uint16_t>(~_mm_movemask_epi8(bytes));
#else
  uint32_t bits = 0;
  for (int i = 0; i < kBrickSize; ++i) bits |= static_cast<uint32_t>(colors[i] != kAir) << i;
  return static_cast<uint16_t>(bits);
#endif
}

// Writes a whole row of a raw brick.
inline void WriteRawRow(Brick* brick, int voxel, const Color* colors) {
  std::memcpy(brick->raw() + voxel, colors, kBrickSize * sizeof(Color));
  brick->occupancy.PutRow(voxel >> kBrickBits, NotAirOf16(colors));
}

// Writes n voxels from `voxel` on, all in one row, and returns how many: fewer than n if the
// palette has no room for the next one.
int WriteRow(Brick* brick, int voxel, const Color* colors, int n);

}  // namespace voxel::internal
