#include "voxel/grid/node.h"

#include <bit>
#include <new>

#include "voxel/base/hash.h"
#include "voxel/base/slab_allocator.h"

namespace voxel::internal {

static_assert(sizeof(Node) <= kSlabBytes[0]);

namespace {

template <typename Visit>
void ForEachBit(uint64_t bits, Visit visit) {
  for (; bits != 0; bits &= bits - 1) visit(static_cast<size_t>(std::countr_zero(bits)));
}

// Counting a reference of a child waits for its cache line, and no count begins before the one
// before it is done: without this, 64 of them would miss the cache one after the other.
void FetchChildren(const Node* node, uint64_t wanted, int height) {
  ForEachBit(wanted, [&](size_t i) {
    const Slot child = node->slots[i];
    if (child.uniform()) return;
    const void* const counted = height == 1 ? static_cast<const void*>(child.brick())
                                            : static_cast<const void*>(child.node());
    __builtin_prefetch(counted, 1);
  });
}

}  // namespace

Node* NewNode(Slot fill) {
  void* const block = SlabAllocate(sizeof(Node));
  auto* node = new (block) Node();
  node->slots.fill(fill);
  return node;
}

void SumUp(Node* node, int height) {
  node->count = 0;
  node->bytes = NodeBytes();
  for (Slot child : node->slots) {
    node->count += SlotCount(child, height - 1);
    node->bytes += SlotBytes(child, height - 1);
  }
}

Slot MakeNode(const std::array<Slot, kFan>& children, int height) {
  if (AllUniform(children)) return children[0];
  Node* node = NewNode(Slot());
  node->slots = children;
  SumUp(node, height);
  return Slot::Shared(node);
}

Node* CloneNode(const Node* node, int height) {
  FetchChildren(node, ~uint64_t{0}, height);
  Node* const copy = CopyNode(node);
  for (Slot slot : copy->slots) RefSlot(slot, height - 1);
  return copy;
}

Node* CopyNode(const Node* node) {
  void* const block = SlabAllocate(sizeof(Node));
  return new (block) Node(node->slots);
}

void HoldChildren(Node* copy, const Node* node, uint64_t changed, int height) {
  if (copy->loan.Borrow(node->loan, changed)) return;
  FetchChildren(copy, ~changed, height);
  ForEachBit(~changed, [&](size_t i) { RefSlot(copy->slots[i], height - 1); });
}

void FreeNode(Node* node) {
  node->~Node();
  SlabFree(node, sizeof(Node));
}

int64_t NodeBytes() { return SlabRoundUp(sizeof(Node)); }

void RefSlot(Slot slot, int height) {
  if (slot.uniform()) return;
  if (height == 0) return RefBrick(slot.brick());
  slot.node()->references.fetch_add(1, std::memory_order_relaxed);
}

int64_t DropSlot(Slot slot, int height) {
  if (slot.uniform()) return 0;
  if (height == 0) return UnrefBrick(slot.brick());
  Node* node = slot.node();
  // acq_rel: the last owner must see what the others did before they let go.
  if (node->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return 0;
  const uint64_t held = node->loan.Leave();
  FetchChildren(node, held, height);
  int64_t freed = NodeBytes();
  ForEachBit(held, [&](size_t i) { freed += DropSlot(node->slots[i], height - 1); });
  FreeNode(node);
  return freed;
}

int64_t SlotCount(Slot slot, int height) {
  if (slot.uniform()) return slot.air() ? 0 : CubeVoxels(height);
  return height == 0 ? slot.brick()->count : slot.node()->count;
}

int64_t SlotBytes(Slot slot, int height) {
  if (slot.uniform()) return 0;
  return height == 0 ? static_cast<int64_t>(FormBytes(slot.form())) : slot.node()->bytes;
}

uint64_t SlotHash(Slot slot, int height) {
  if (slot.uniform()) return HashMix(kHashSeed, slot.color());
  if (height == 0) return BrickHash(slot.brick());
  const Node* node = slot.node();
  // Relaxed: the node is immutable, so every thread computes the same number.
  uint64_t hash = node->hash.load(std::memory_order_relaxed);
  if (hash != 0) return hash;
  std::array<uint64_t, kFan> children;
  for (int i = 0; i < kFan; ++i) children[i] = SlotHash(node->slots[i], height - 1);
  hash = HashBytes(children.data(), sizeof(children), static_cast<uint64_t>(height)) | 1;
  node->hash.store(hash, std::memory_order_relaxed);
  return hash;
}

bool SameSlot(Slot a, Slot b, int height) {
  if (a == b) return true;
  if (a.uniform() || b.uniform()) return false;  // canonical: what could be uniform is
  if (height == 0) return SameBrick(a.brick(), b.brick());
  for (int i = 0; i < kFan; ++i) {
    if (!SameSlot(a.node()->slots[i], b.node()->slots[i], height - 1)) return false;
  }
  return true;
}

bool AllUniform(const std::array<Slot, kFan>& slots) {
  if (!slots[0].uniform()) return false;
  for (Slot slot : slots) {
    if (slot != slots[0]) return false;
  }
  return true;
}

}  // namespace voxel::internal
