// One word of the tree: a uniform colour or a pointer to what is below. Private to voxel/grid.
//
// Bits:      bit 0 set: uniform, the colour is in the upper half. Bit 0 clear: a Brick* (height 0)
//            or a Node* (above); the height is known from the place in the tree. Bit 1: owned.
// Owned:     the pointed-to thing was made by the running transaction, which alone refers to it and
//            may write it in place. The bit counts only where the whole path from the editor's
//            table is owned, and no bit outlives the transaction: canonicalizing clears it. It
//            spares the hot loop a load of the child's reference count.
// Ownership: a plain value; who stores a pointer slot in a node or table holds one reference
//            through it.
#pragma once

#include <cstdint>

#include "voxel/grid/brick_rep.h"
#include "voxel/grid/color.h"

namespace voxel::internal {

struct Node;

class Slot {
 public:
  constexpr Slot() = default;  // uniform air
  static constexpr Slot Uniform(Color color) { return Slot(uint64_t{color} << 32 | kUniformBit); }
  static Slot Shared(const Brick* brick) { return Slot(reinterpret_cast<uintptr_t>(brick)); }
  static Slot Shared(const Node* node) { return Slot(reinterpret_cast<uintptr_t>(node)); }
  template <typename T>
  static Slot Owned(const T* child) {
    return Slot(reinterpret_cast<uintptr_t>(child) | kOwnedBit);
  }

  constexpr bool uniform() const { return (bits_ & kUniformBit) != 0; }
  constexpr bool owned() const { return (bits_ & (kUniformBit | kOwnedBit)) == kOwnedBit; }
  constexpr bool air() const { return bits_ == kUniformBit; }
  constexpr Color color() const { return static_cast<Color>(bits_ >> 32); }  // REQUIRES: uniform
  Node* node() const { return reinterpret_cast<Node*>(bits_ & ~kOwnedBit); }
  Brick* brick() const { return reinterpret_cast<Brick*>(bits_ & ~kOwnedBit); }
  // The same pointer for less: the mark is subtracted, which the address of what is read takes in.
  // REQUIRES: owned.
  Node* owned_node() const { return reinterpret_cast<Node*>(bits_ - kOwnedBit); }
  Brick* owned_brick() const { return reinterpret_cast<Brick*>(bits_ - kOwnedBit); }
  // The same content without the mark.
  constexpr Slot shared() const { return uniform() ? *this : Slot(bits_ & ~kOwnedBit); }

  friend constexpr bool operator==(Slot, Slot) = default;

 private:
  static constexpr uint64_t kUniformBit = 1;
  static constexpr uint64_t kOwnedBit = 2;
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
