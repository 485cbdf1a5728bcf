// What a brick is in memory. Private to voxel/grid; brick.h describes the layout to everybody else.
//
// Layout:    this header with the occupancy bits, then
//              kOne     one colour, no indices: the occupancy says it all
//              kNibble  a palette of 16, then 4-bit indices, the even voxel in the low half
//              kByte    a palette of 256, then 8-bit indices
//              kRaw     4096 colours, air as 0
//            Unused palette entries are 0, and so are the indices of air voxels: equal canonical
//            bricks are equal bytes.
// Ownership: one count per slot that names the brick. A brick whose slot is marked owned (see
//            slot.h) belongs to one transaction, may be written in place and need not be canonical;
//            all others never change.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "voxel/base/slab_allocator.h"
#include "voxel/grid/brick.h"

namespace voxel {

namespace internal {

enum class Width : uint8_t { kOne, kNibble, kByte, kRaw };

inline constexpr int kNibbleColors = 16;
inline constexpr int kByteColors = 256;

}  // namespace internal

class alignas(32) Brick {
 public:
  using Width = internal::Width;

  explicit Brick(Width brick_width) : width(brick_width) {}

  // How many colours the palette has room for; raw bricks have none.
  static constexpr int Capacity(Width width) {
    return width == Width::kOne      ? 1
           : width == Width::kNibble ? internal::kNibbleColors
           : width == Width::kByte   ? internal::kByteColors
                                     : 0;
  }
  // Bytes after the header.
  static constexpr size_t PayloadBytes(Width width) {
    return width == Width::kOne      ? sizeof(Color)
           : width == Width::kNibble ? internal::kNibbleColors * sizeof(Color) + kBrickVoxels / 2
           : width == Width::kByte   ? internal::kByteColors * sizeof(Color) + kBrickVoxels
                                     : kBrickVoxels * sizeof(Color);
  }

  const Color* palette() const { return reinterpret_cast<const Color*>(this + 1); }
  Color* palette() { return reinterpret_cast<Color*>(this + 1); }
  const Color* raw() const { return palette(); }
  Color* raw() { return palette(); }
  const uint8_t* indices() const {
    return reinterpret_cast<const uint8_t*>(palette() + Capacity(width));
  }
  uint8_t* indices() { return reinterpret_cast<uint8_t*>(palette() + Capacity(width)); }

  // The palette index of an occupied voxel. REQUIRES: width is not kRaw.
  int IndexOf(int voxel) const {
    switch (width) {
      case Width::kNibble:
        return indices()[voxel >> 1] >> ((voxel & 1) << 2) & 15;
      case Width::kByte:
        return indices()[voxel];
      default:
        return 0;
    }
  }
  Color Get(int voxel) const {
    if (width == Width::kRaw) return raw()[voxel];
    return occupancy.Get(voxel) ? palette()[IndexOf(voxel)] : kAir;
  }

  // The bits come first, so that the fields a write looks at share a cache line with the palette
  // behind them.
  BrickMask occupancy;
  mutable std::atomic<uint64_t> hash{0};  // 0: not computed yet
  mutable std::atomic<uint32_t> references{1};
  uint16_t colors = 0;  // palette entries in use; 0 for raw
  uint16_t count = 0;   // voxels that are not air; only kept up to date in canonical bricks
  Width width;
};

namespace internal {

// A brick of that width, all air and no colours, with one reference. Raw voxels and indices are
// zero unless `clear_payload` is off (the palette of a palette brick is zero in any case).
Brick* NewBrick(Width width, bool clear_payload = true);
Brick* CloneBrick(const Brick* brick);
inline void RefBrick(const Brick* brick) {
  brick->references.fetch_add(1, std::memory_order_relaxed);  // the caller holds one already
}
// Lets go of one reference and returns the bytes that became free.
int64_t UnrefBrick(Brick* brick);

inline size_t WidthBytes(Width width) {
  return SlabRoundUp(sizeof(Brick) + Brick::PayloadBytes(width));
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
