// Where the parts of one voxel lie: index, occupancy bit, colour. Private to voxel/grid.
//
// For reading many: Find() each, Ask() for its memory, then Read() each, which by then is there.
// None of them branches on what the place is, for that is hard to foresee, and a branch taken wrong
// costs as much as the memory; but a sparse brick is looked at by Find().
// Ownership: the volume must outlive it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/base/attributes.h"
#include "voxel/grid/slot.h"

namespace voxel::internal {

// Where things are in a brick of some form, in bytes from its beginning.
struct BrickLayout {
  uint16_t palette;
  uint16_t raw;  // all ones if the colours are voxels
  uint16_t indices;
  uint16_t mask;
  uint8_t index_shift;  // voxels an index byte, as a power of two
  uint8_t index_mask;
  uint8_t odd;  // whether the odd voxel is in the upper half of a byte
};

constexpr BrickLayout LayoutOf(Width width) {
  constexpr uint16_t kPayload = sizeof(Brick);
  const auto mask = static_cast<uint16_t>(Brick::HeaderAndPayloadBytes(width));
  const auto indices = static_cast<uint16_t>(kPayload + Brick::Capacity(width) * sizeof(Color));
  switch (width) {
    case Width::kOne:
      return {offsetof(Brick, one), 0, 0, mask, 15, 0, 0};
    case Width::kNibble:
      return {kPayload, 0, indices, mask, 1, 15, 1};
    case Width::kByte:
      return {kPayload, 0, indices, mask, 0, 255, 0};
    case Width::kSparse:  // the rank is added; that of air may be one too many, and there anything
      return {kPayload, 0, indices, mask, 15, kSparseVoxels - 1, 0};
    default:
      return {kPayload, 0xffff, 0, mask, 15, 0, 0};
  }
}

// By tag, without the mark of ownership.
inline constexpr int kFormShift = 2;
inline constexpr std::array<BrickLayout, 16> kLayouts = [] {
  std::array<BrickLayout, 16> layouts{};
  for (const Width width :
       {Width::kOne, Width::kNibble, Width::kByte, Width::kRaw, Width::kSparse}) {
    for (const bool masked : {false, true}) {
      layouts[Slot::SharedTag({width, masked}) >> kFormShift] = LayoutOf(width);
    }
  }
  // What would be a brick of one colour without occupancy is a uniform slot: the colour is in its
  // upper half.
  layouts[0] = {sizeof(Color), 0, 0, 0, 15, 0, 0};
  return layouts;
}();

class VoxelPlace {
 public:
  // The place of voxel `voxel` in the cube of a brick's size at `slot`. Not to be moved afterwards.
  void Find(Slot slot, int voxel) {
    slot_ = slot;
    const BrickLayout& layout = kLayouts[slot.tag() >> kFormShift];
    const auto* const base = slot.uniform() ? reinterpret_cast<const uint8_t*>(&slot_)
                                            : slot.InBrick<const uint8_t>(slot.tag(), 0);
    const auto at = static_cast<size_t>(voxel);
    color_ = base + layout.palette + (at * sizeof(Color) & layout.raw);
    index_ = base + layout.indices + (at >> layout.index_shift);
    index_mask_ = layout.index_mask;
    index_bit_ = (voxel & layout.odd) << 2;
    mask_ =
        (slot.form().masked ? base + layout.mask : reinterpret_cast<const uint8_t*>(&kFullMask)) +
        (at >> 3);
    mask_bit_ = voxel & 7;
    if (slot.form().width == Width::kSparse) [[unlikely]] {
      index_ += RankIn(slot, voxel);
    }
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Ask() const {
    __builtin_prefetch(color_);
    __builtin_prefetch(index_);
    __builtin_prefetch(mask_);
  }
  Color Read() const {
    const auto index = static_cast<size_t>(*index_ >> index_bit_ & index_mask_);
    Color color;
    std::memcpy(&color, color_ + index * sizeof(Color), sizeof color);
    return color & -static_cast<Color>(*mask_ >> mask_bit_ & 1);
  }

 private:
  // Looks at the brick at once, which is small.
  ABSL_ATTRIBUTE_NOINLINE static int RankIn(Slot slot, int voxel) {
    return slot.brick()->Rank(voxel);
  }

  const uint8_t* color_ = nullptr;  // the palette, or the colour itself
  const uint8_t* index_ = nullptr;  // the byte that holds the index
  const uint8_t* mask_ = nullptr;   // the byte that holds the occupancy bit
  int index_mask_ = 0;
  int index_bit_ = 0;
  int mask_bit_ = 0;
  Slot slot_;
};

}  // namespace voxel::internal
