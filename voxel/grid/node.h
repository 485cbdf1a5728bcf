// An inner node of the tree: 64 slots in a 4^3 grid, x fastest. Private to voxel/grid.
//
// Ownership: one count per slot that names the node; its own slots hold references to what is
//            below, but for children on loan (loan.h).
// Threading: immutable unless its slot is owned (slot.h), but for its loan.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "voxel/grid/box.h"
#include "voxel/grid/loan.h"
#include "voxel/grid/slot.h"

namespace voxel::internal {

struct Node {
  Node() = default;
  explicit Node(const std::array<Slot, kFan>& children) : slots(children) {}

  mutable std::atomic<uint32_t> references{1};
  mutable std::atomic<uint64_t> hash{0};  // 0: not computed yet
  // Of everything below, shared things counted in full. Kept up to date in canonical nodes only.
  int64_t count = 0;
  int64_t bytes = 0;
  mutable Loan loan{this};
  alignas(64) std::array<Slot, kFan> slots;  // on cache lines of their own
};

// A node of 64 times `fill`, which must not need references (uniform). One reference.
Node* NewNode(Slot fill);
// A canonical slot of these canonical children, whose references it takes over: uniform if they are
// all of one colour, else a new node with one reference.
Slot MakeNode(const std::array<Slot, kFan>& children, int height);
// Brings count and bytes up to date. REQUIRES: canonical children.
void SumUp(Node* node, int height);
// A copy that takes a reference to each child.
Node* CloneNode(const Node* node, int height);
// A copy that may be written but holds none of its children yet. REQUIRES: HoldChildren follows, or
// FreeNode if none of the copy's children needs a reference.
Node* CopyNode(const Node* node);
// Borrows the children of a copy that are the node's, too, or takes references if the node has lent
// them to another copy. `changed` has a bit for each child that was replaced, whose reference the
// copy has already. REQUIRES: nobody else has seen the copy; it is written no more.
void HoldChildren(Node* copy, const Node* node, uint64_t changed, int height);
// The node alone. REQUIRES: one reference, and nothing below needs one.
void FreeNode(Node* node);
int64_t NodeBytes();

void RefSlot(Slot slot, int height);
// Lets go of the reference a slot holds and returns the bytes that became free.
int64_t DropSlot(Slot slot, int height);

// Of canonical slots.
int64_t SlotCount(Slot slot, int height);
int64_t SlotBytes(Slot slot, int height);
uint64_t SlotHash(Slot slot, int height);
bool SameSlot(Slot a, Slot b, int height);  // equal content; only unequal pointers cost anything

// Whether all 64 are one uniform colour.
bool AllUniform(const std::array<Slot, kFan>& slots);

// The index of the child of a node at `height` that holds `c`.
inline int ChildIndex(Coord c, int height) {
  const int shift = CubeBits(height - 1);
  return (c.x >> shift & 3) | (c.y >> shift & 3) << 2 | (c.z >> shift & 3) << 4;
}
// Whether the aligned cube of 2^bits a side that holds `of` holds `c` too.
inline bool InCube(Coord c, Coord of, int bits) {
  const uint32_t differs = static_cast<uint32_t>(c.x ^ of.x) | static_cast<uint32_t>(c.y ^ of.y) |
                           static_cast<uint32_t>(c.z ^ of.z);
  return differs >> bits == 0;
}
// The index in its brick of the voxel at `c`.
inline int VoxelIndex(Coord c) { return BrickIndex(c.x & 15, c.y & 15, c.z & 15); }
// The corner of child `index` of a node at `height` whose cube starts at `min`.
inline Coord ChildMin(Coord min, int index, int height) {
  const int shift = CubeBits(height - 1);
  return {min.x + ((index & 3) << shift), min.y + ((index >> 2 & 3) << shift),
          min.z + ((index >> 4 & 3) << shift)};
}
inline Box CubeBox(Coord min, int height) {
  const int32_t size = CubeSize(height);
  return {min, min + Coord{size, size, size}};
}
inline Coord CubeMin(Coord c, int height) {
  const int32_t mask = ~(CubeSize(height) - 1);
  return {c.x & mask, c.y & mask, c.z & mask};
}
// A slot's child, where a uniform slot has 64 equal ones.
inline Slot ChildOf(Slot slot, int index) {
  return slot.uniform() ? slot : slot.node()->slots[index];
}

}  // namespace voxel::internal
