// Writing voxels of a brick in place, the hot path of VolumeEditor::Set and SetRow. Private to
// voxel/grid.
//
// Ownership: only for bricks whose slot is owned by the running transaction. Of those, raw ones
//            have no occupancy bits: canonicalizing finds out.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>

#include "absl/base/attributes.h"
#include "voxel/grid/slot.h"

namespace voxel::internal {

struct VoxelWrite {
  int index;  // of the voxel
  Color color;
};

// A writable brick full of one colour.
Brick* NewUniformBrick(Color color);

// A writable copy of a brick; of a sparse one in the form with an index for each voxel.
Brick* WritableCopy(const Brick* brick);

// A brick of the same voxels with room for `color`, which may be air; `brick` is let go of.
// REQUIRES: it has none, and is not sparse. Goes from 16 colours to raw at once: a brick that gets
// a 17th colour in one transaction is likely to get many, and canonicalizing narrows it again.
Brick* Widen(Brick* brick, Color color);

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

inline constexpr uint32_t kOwnedRaw = Slot::OwnedTag({Width::kRaw, false});
inline constexpr uint32_t kOwnedNibbles = Slot::OwnedTag({Width::kNibble, false});
inline constexpr uint32_t kOwnedMaskedNibbles = Slot::OwnedTag({Width::kNibble, true});

// REQUIRES: the slot's tag is kOwnedRaw.
inline Color* RawVoxels(Slot slot) { return slot.InBrick<Color>(kOwnedRaw, sizeof(Brick)); }

// Writes one voxel of an owned nibble brick; see below.
template <uint32_t kTag>
inline bool WriteNibble(Slot slot, int voxel, Color color) {
  constexpr bool kMasked = kTag == kOwnedMaskedNibbles;
  constexpr size_t kPalette = sizeof(Brick);
  constexpr size_t kIndices = kPalette + kNibbleColors * sizeof(Color);
  if (!kMasked && color == kAir) return false;
  auto* const palette = slot.InBrick<Color>(kTag, kPalette);
  int index = color == kAir ? 0 : FindAmong16(palette, color);
  if (index == kNotThere) {
    auto* const brick = slot.InBrick<Brick>(kTag, 0);
    if (brick->colors == kNibbleColors) return false;
    index = brick->colors++;
    palette[index] = color;
  }
  uint8_t& pair = slot.InBrick<uint8_t>(kTag, kIndices)[voxel >> 1];
  const int shift = (voxel & 1) << 2;
  pair = static_cast<uint8_t>((pair & ~(15 << shift)) | index << shift);
  if (kMasked) {
    constexpr size_t kMask = Brick::HeaderAndPayloadBytes(Width::kNibble);
    slot.InBrick<BrickMask>(kTag, kMask)->Put(voxel, color != kAir);
  }
  return true;
}

// Writes one voxel of an owned nibble or raw brick, by what its slot says of it; false, with
// nothing written, for all other slots and if the brick has no room for the colour.
inline bool WriteVoxelFast(Slot slot, int voxel, Color color) {
  switch (slot.tag()) {
    case kOwnedRaw:
      RawVoxels(slot)[voxel] = color;
      return true;
    case kOwnedNibbles:
      return WriteNibble<kOwnedNibbles>(slot, voxel, color);
    case kOwnedMaskedNibbles:
      return WriteNibble<kOwnedMaskedNibbles>(slot, voxel, color);
    default:
      return false;
  }
}

// Asks for the memory that WriteVoxelFast will touch. Always inline: gcc takes a function that only
// prefetches for one that does nothing, and drops the calls.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void AskForVoxel(Slot slot, int voxel) {
  const BrickForm form = slot.form();
  const auto* const payload = slot.InBrick<const uint8_t>(slot.tag(), sizeof(Brick));
  if (form.width == Width::kRaw) return __builtin_prefetch(payload + voxel * sizeof(Color), 1);
  if (form.width != Width::kNibble) return;
  __builtin_prefetch(payload);
  __builtin_prefetch(payload + kNibbleColors * sizeof(Color) + (voxel >> 1), 1);
  if (form.masked) __builtin_prefetch(payload + Brick::PayloadBytes(form.width) + (voxel >> 3), 1);
}

// Writes one voxel of any owned brick; false, with nothing written, if it has no room for the
// colour (Widen and try again). REQUIRES: not sparse.
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

// Writes n voxels from `voxel` on, all in one row, and returns how many: fewer than n if the
// brick has no room for the next colour. REQUIRES: not sparse.
int WriteRow(Brick* brick, int voxel, const Color* colors, int n);

}  // namespace voxel::internal
