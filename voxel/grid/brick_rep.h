// What a brick is in memory. Private to voxel/grid; brick.h describes the layout to everybody else.
//
// Layout:    this header, then
//              kOne     nothing: the one colour is in the header, the occupancy says the rest
//              kNibble  a palette of 16, then 4-bit indices, the even voxel in the low half
//              kByte    a palette of 256, then 8-bit indices
//              kRaw     4096 colours, air as 0
//              kSparse  a palette of 64, then 8-bit indices of the voxels that are not air alone,
//                       in voxel order; the header says how many stand in front of each two words
//                       of occupancy
//            and behind it the occupancy bits, if the brick is masked. One that is not holds no
//            air, except that a raw brick being written has no bits yet and air in its colours.
//            Unused palette entries are 0 in nibble bricks, anything in byte and sparse bricks. The
//            indices of air voxels are 0. Palettes and indices begin on a cache line of their own.
// Canonical: masked exactly where some voxel is air; sparse exactly where at most 64 voxels of more
//            than one colour are not air.
// Ownership: one count per slot that names the brick. A brick whose slot is marked owned (see
//            slot.h) belongs to one transaction, may be written in place and need not be canonical,
//            but is never sparse; all others never change.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "voxel/base/slab_allocator.h"
#include "voxel/grid/brick.h"

namespace voxel {

namespace internal {

enum class Width : uint8_t { kOne, kNibble, kByte, kRaw, kSparse };

// What one must know of a brick to read it; its slot carries it as well (slot.h).
struct BrickForm {
  Width width = Width::kOne;
  bool masked = true;  // has occupancy bits; always so with kOne and kSparse

  friend constexpr bool operator==(BrickForm, BrickForm) = default;
};

inline constexpr int kNibbleColors = 16;
inline constexpr int kByteColors = 256;
inline constexpr int kSparseVoxels = 64;
inline constexpr BrickMask kFullMask = [] {
  BrickMask mask;
  mask.words.fill(~uint64_t{0});
  return mask;
}();

}  // namespace internal

class alignas(64) Brick {
 public:
  using Width = internal::Width;
  using Form = internal::BrickForm;

  explicit Brick(Form brick_form) : form(brick_form) {}

  // How many colours the palette has room for; raw bricks have none.
  static constexpr int Capacity(Width width) {
    return width == Width::kOne      ? 1
           : width == Width::kNibble ? internal::kNibbleColors
           : width == Width::kByte   ? internal::kByteColors
           : width == Width::kSparse ? internal::kSparseVoxels
                                     : 0;
  }
  // Bytes between the header and the occupancy.
  static constexpr size_t PayloadBytes(Width width) {
    return width == Width::kOne      ? 0
           : width == Width::kNibble ? internal::kNibbleColors * sizeof(Color) + kBrickVoxels / 2
           : width == Width::kByte   ? internal::kByteColors * sizeof(Color) + kBrickVoxels
           : width == Width::kSparse ? internal::kSparseVoxels * (sizeof(Color) + 1)
                                     : kBrickVoxels * sizeof(Color);
  }
  static constexpr size_t HeaderAndPayloadBytes(Width width) {
    return sizeof(Brick) + PayloadBytes(width);
  }

  Width width() const { return form.width; }
  // What is between header and occupancy.
  const uint8_t* payload() const { return reinterpret_cast<const uint8_t*>(this + 1); }
  uint8_t* payload() { return reinterpret_cast<uint8_t*>(this + 1); }
  const Color* palette() const {
    return form.width == Width::kOne ? &one : reinterpret_cast<const Color*>(payload());
  }
  Color* palette() { return const_cast<Color*>(std::as_const(*this).palette()); }
  // REQUIRES: width is kRaw.
  const Color* raw() const { return reinterpret_cast<const Color*>(payload()); }
  Color* raw() { return reinterpret_cast<Color*>(payload()); }
  // REQUIRES: width is kNibble, kByte or kSparse.
  const uint8_t* indices() const { return payload() + Capacity(form.width) * sizeof(Color); }
  uint8_t* indices() { return payload() + Capacity(form.width) * sizeof(Color); }

  // REQUIRES: not a raw brick that is being written.
  const BrickMask& occupancy() const {
    return form.masked ? *reinterpret_cast<const BrickMask*>(payload() + PayloadBytes(form.width))
                       : internal::kFullMask;
  }
  // REQUIRES: masked.
  BrickMask& mask() { return *reinterpret_cast<BrickMask*>(payload() + PayloadBytes(form.width)); }

  // How many voxels in front of that one are not air. REQUIRES: width is kSparse.
  int Rank(int voxel) const;
  // The palette index of an occupied voxel. REQUIRES: width is not kRaw.
  int IndexOf(int voxel) const {
    switch (form.width) {
      case Width::kNibble:
        return indices()[voxel >> 1] >> ((voxel & 1) << 2) & 15;
      case Width::kByte:
        return indices()[voxel];
      case Width::kSparse:
        return indices()[Rank(voxel)];
      default:
        return 0;
    }
  }
  Color Get(int voxel) const {
    if (form.width == Width::kRaw) return raw()[voxel];
    return !form.masked || occupancy().Get(voxel) ? palette()[IndexOf(voxel)] : kAir;
  }

  mutable std::atomic<uint64_t> hash{0};  // 0: not computed yet
  mutable std::atomic<uint32_t> references{1};
  uint16_t colors = 0;  // palette entries in use; 0 for raw
  uint16_t count = 0;   // voxels that are not air; only kept up to date in canonical bricks
  const Form form;
  Color one = kAir;                               // the palette of kOne
  std::array<uint8_t, kBrickVoxels / 128> ranks;  // of kSparse only: Rank() of each 128th voxel
};
static_assert(sizeof(Brick) == 64);

inline int Brick::Rank(int voxel) const {
  const auto& words = occupancy().words;
  const int word = voxel >> 6;
  const uint64_t before = words[word & ~1] & -static_cast<uint64_t>(word & 1);
  const uint64_t beside = words[word] & ((uint64_t{1} << (voxel & 63)) - 1);
  return ranks[word >> 1] + std::popcount(before) + std::popcount(beside);
}

namespace internal {

// A brick of that form without colours, with one reference; its mask is all air. Raw voxels and
// indices are zero unless `clear_payload` is off (the palette of a nibble or byte brick is zero in
// any case). Of a sparse brick the ranks are not there yet.
Brick* NewBrick(BrickForm form, bool clear_payload = true);
Brick* CloneBrick(const Brick* brick);
// A copy in another form of the same width, its mask, where it has one, that of `brick`. REQUIRES:
// not a raw brick that is being written.
Brick* CloneAs(const Brick* brick, bool masked);
inline void RefBrick(const Brick* brick) {
  brick->references.fetch_add(1, std::memory_order_relaxed);  // the caller holds one already
}
// Lets go of one reference and returns the bytes that became free.
int64_t UnrefBrick(Brick* brick);

constexpr size_t FormBytes(BrickForm form) {
  return SlabRoundUp(Brick::HeaderAndPayloadBytes(form.width) +
                     (form.masked ? sizeof(BrickMask) : 0));
}

// REQUIRES: both are canonical.
bool SameBrick(const Brick* a, const Brick* b);
uint64_t BrickHash(const Brick* brick);  // REQUIRES: canonical

// The form of a sparse brick's voxels with an index for each.
inline Width FullWidth(const Brick* sparse) {
  return sparse->colors <= kNibbleColors ? Width::kNibble : Width::kByte;
}
// Writes the indices that a sparse brick has in its FullWidth. REQUIRES: `indices` is zero.
void SpreadIndices(const Brick* sparse, uint8_t* indices);
// How many voxels have that palette index. REQUIRES: the brick has a palette and its air voxels the
// index 0.
int CountIndex(const Brick* brick, int index);
// The palette index of each voxel of a brick that is not raw; air gets `colors`.
void DecodeIndices(const Brick* brick, uint16_t out[kBrickVoxels]);

}  // namespace internal
}  // namespace voxel
