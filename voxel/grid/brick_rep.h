// What a brick is in memory. Private to voxel/grid; brick.h describes the layout to everybody else.
//
// Layout:    this header, then
//              kOne     nothing: the one colour is in the header, the occupancy says the rest
//              kNibble  a palette of 16, then 4-bit indices, the even voxel in the low half
//              kByte    a palette of 256, then 8-bit indices
//              kRaw     4096 colours, air as 0
//            and behind it the occupancy bits, if the brick is masked. One that is not holds no
//            air, except that a raw brick being written has no bits yet and air in its colours.
//            Unused palette entries are 0 in nibble bricks, anything in byte bricks. The indices of
//            air voxels are 0. Palettes and indices begin on a cache line of their own.
// Canonical: masked exactly where some voxel is air.
// Ownership: one count per slot that names the brick. A brick whose slot is marked owned (see
//            slot.h) belongs to one transaction, may be written in place and need not be canonical;
//            all others never change.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "voxel/base/slab_allocator.h"
#include "voxel/grid/brick.h"

namespace voxel {

namespace internal {

enum class Width : uint8_t { kOne, kNibble, kByte, kRaw };

// What one must know of a brick to read it; its slot carries it as well (slot.h).
struct BrickForm {
  Width width = Width::kOne;
  bool masked = true;  // has occupancy bits; always so with kOne

  friend constexpr bool operator==(BrickForm, BrickForm) = default;
};

inline constexpr int kNibbleColors = 16;
inline constexpr int kByteColors = 256;
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
                                     : 0;
  }
  // Bytes between the header and the occupancy.
  static constexpr size_t PayloadBytes(Width width) {
    return width == Width::kOne      ? 0
           : width == Width::kNibble ? internal::kNibbleColors * sizeof(Color) + kBrickVoxels / 2
           : width == Width::kByte   ? internal::kByteColors * sizeof(Color) + kBrickVoxels
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
  // REQUIRES: width is kNibble or kByte.
  const uint8_t* indices() const { return payload() + Capacity(form.width) * sizeof(Color); }
  uint8_t* indices() { return payload() + Capacity(form.width) * sizeof(Color); }

  // REQUIRES: not a raw brick that is being written.
  const BrickMask& occupancy() const {
    return form.masked ? *reinterpret_cast<const BrickMask*>(payload() + PayloadBytes(form.width))
                       : internal::kFullMask;
  }
  // REQUIRES: masked.
  BrickMask& mask() { return *reinterpret_cast<BrickMask*>(payload() + PayloadBytes(form.width)); }

  // The palette index of an occupied voxel. REQUIRES: width is not kRaw.
  int IndexOf(int voxel) const {
    switch (form.width) {
      case Width::kNibble:
        return indices()[voxel >> 1] >> ((voxel & 1) << 2) & 15;
      case Width::kByte:
        return indices()[voxel];
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
  Color one = kAir;  // the palette of kOne
};
static_assert(sizeof(Brick) == 64);

namespace internal {

// A brick of that form without colours, with one reference; its mask is all air. Raw voxels and
// indices are zero unless `clear_payload` is off (the palette of a palette brick is zero in any
// case).
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

// How many voxels have that palette index. REQUIRES: the brick has a palette and its air voxels the
// index 0.
int CountIndex(const Brick* brick, int index);
// The palette index of each voxel of a brick that is not raw; air gets `colors`.
void DecodeIndices(const Brick* brick, uint16_t out[kBrickVoxels]);

}  // namespace internal
}  // namespace voxel
