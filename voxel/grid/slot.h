// One word of the tree: a uniform colour or a pointer to what is below. Private to voxel/grid.
//
// Bits:      bit 0 set: uniform, the colour is in the upper half. Bit 0 clear: a Brick* (height 0)
//            or a Node* (above); the height is known from the place in the tree. Bit 1: owned.
//            Bits 2 to 5 of a brick: its form, so that single voxels of all but sparse ones are
//            found without a look at its header. Both are aligned to 64.
// Owned:     the pointed-to thing was made by the running transaction, which alone refers to it and
//            may write it in place. The bit counts only where the whole path from the editor's
//            table is owned, and no bit outlives the transaction: canonicalizing clears it. It
//            spares the hot loop a load of the child's reference count.
// Ownership: a plain value; who stores a pointer slot in a node or table holds one reference
//            through it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "voxel/grid/brick_rep.h"
#include "voxel/grid/color.h"

namespace voxel::internal {

struct Node;

class Slot {
 public:
  constexpr Slot() = default;  // uniform air
  static constexpr Slot Uniform(Color color) { return Slot(uint64_t{color} << 32 | kUniformBit); }
  static Slot Shared(const Brick* brick) { return Slot(Address(brick)); }
  static Slot Shared(const Node* node) { return Slot(Address(node)); }
  template <typename T>
  static Slot Owned(const T* child) {
    return Slot(Address(child) | kOwnedBit);
  }

  constexpr bool uniform() const { return (bits_ & kUniformBit) != 0; }
  constexpr bool owned() const { return (bits_ & (kUniformBit | kOwnedBit)) == kOwnedBit; }
  constexpr bool air() const { return bits_ == kUniformBit; }
  constexpr Color color() const { return static_cast<Color>(bits_ >> 32); }  // REQUIRES: uniform
  Node* node() const { return reinterpret_cast<Node*>(bits_ & ~kOwnedBit); }
  // The same pointer for less: the mark is subtracted, which the address of what is read takes in.
  // REQUIRES: owned.
  Node* owned_node() const { return reinterpret_cast<Node*>(bits_ - kOwnedBit); }

  Brick* brick() const { return reinterpret_cast<Brick*>(bits_ & ~kTagBits); }
  // REQUIRES: a brick.
  constexpr BrickForm form() const {
    return {static_cast<Width>(bits_ >> kWidthShift & 7), (bits_ & kMaskedBit) != 0};
  }
  // All that a brick's slot says beside its address, to be compared with OwnedTag and SharedTag.
  constexpr uint32_t tag() const { return static_cast<uint32_t>(bits_ & kTagBits); }
  static constexpr uint32_t SharedTag(BrickForm form) {
    return static_cast<uint32_t>(uint64_t{static_cast<uint8_t>(form.width)} << kWidthShift |
                                 (form.masked ? kMaskedBit : 0));
  }
  static constexpr uint32_t OwnedTag(BrickForm form) { return SharedTag(form) | kOwnedBit; }
  // What stands `offset` bytes into a brick of that tag.
  template <typename T>
  T* InBrick(uint32_t known_tag, size_t offset) const {
    return reinterpret_cast<T*>(bits_ - known_tag + offset);
  }
  // The same content without the mark.
  constexpr Slot shared() const { return uniform() ? *this : Slot(bits_ & ~kOwnedBit); }

  friend constexpr bool operator==(Slot, Slot) = default;

 private:
  static constexpr uint64_t kUniformBit = 1;
  static constexpr uint64_t kOwnedBit = 2;
  static constexpr uint64_t kMaskedBit = 4;
  static constexpr int kWidthShift = 3;
  static constexpr uint64_t kTagBits = 63;

  static uint64_t Address(const Brick* brick) {
    return reinterpret_cast<uintptr_t>(brick) | SharedTag(brick->form);
  }
  static uint64_t Address(const Node* node) { return reinterpret_cast<uintptr_t>(node); }

  explicit constexpr Slot(uint64_t bits) : bits_(bits) {}
  uint64_t bits_ = kUniformBit;
};

// Heights of the tree: 0 is a brick's cube of 16^3, kTopHeight a region of 1024^3.
inline constexpr int kTopHeight = 3;
inline constexpr int kFan = 64;
inline constexpr int kTopBits = kBrickBits + 2 * kTopHeight;

constexpr int CubeBits(int height) { return kBrickBits + 2 * height; }
constexpr int32_t CubeSize(int height) { return 1 << CubeBits(height); }
constexpr int64_t CubeVoxels(int height) { return int64_t{1} << (3 * CubeBits(height)); }

}  // namespace voxel::internal
