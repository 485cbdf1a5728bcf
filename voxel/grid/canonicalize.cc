#include "voxel/grid/canonicalize.h"

#include "voxel/grid/brick_encode.h"
#include "voxel/grid/node.h"

namespace voxel::internal {
namespace {

// Puts `next`, whose reference is taken over, in place of `slot`.
void Replace(Slot& slot, Slot next, int height, int64_t& freed) {
  freed += DropSlot(slot, height);
  freed -= SlotBytes(next, height);
  slot = next;
}

void CanonicalizeBrick(Slot& slot, int64_t& freed) {
  const Slot canonical = Canonical(slot.brick());
  if (canonical == slot.shared()) {
    slot = canonical;
  } else {
    Replace(slot, canonical, 0, freed);
  }
}

void CanonicalizeNode(Slot& slot, Slot base, int height, int64_t& freed) {
  Node* node = slot.node();
  // What base holds is known already: only the sums of children that differ are looked up.
  node->count = SlotCount(base, height);
  node->bytes = base.uniform() ? NodeBytes() : base.node()->bytes;
  for (int i = 0; i < kFan; ++i) {
    Slot& child = node->slots[i];
    const Slot before = ChildOf(base, i);
    if (child == before) continue;
    Canonicalize(child, before, height - 1, freed);
    node->count += SlotCount(child, height - 1) - SlotCount(before, height - 1);
    node->bytes += SlotBytes(child, height - 1) - SlotBytes(before, height - 1);
  }
  if (AllUniform(node->slots)) {
    Replace(slot, node->slots[0], height, freed);
    return;
  }
  slot = slot.shared();
}

// Whether a canonical slot holds what `base` does, given that its children were replaced by base's
// where equal.
bool EqualsBase(Slot slot, Slot base, int height) {
  if (slot.uniform() || base.uniform() || slot == base) return false;
  return height == 0 ? SameBrick(slot.brick(), base.brick())
                     : slot.node()->slots == base.node()->slots;
}

}  // namespace

void Canonicalize(Slot& slot, Slot base, int height, int64_t& freed) {
  if (!slot.owned()) {
    // A whole brick that was put in needs no work but may be what was there.
    if (height == 0 && EqualsBase(slot, base, 0)) {
      RefSlot(base, 0);
      freed += DropSlot(slot, 0);
      slot = base;
    }
    return;
  }
  if (height == 0) {
    CanonicalizeBrick(slot, freed);
  } else {
    CanonicalizeNode(slot, base, height, freed);
  }
  if (!EqualsBase(slot, base, height)) return;
  RefSlot(base, height);
  freed += DropSlot(slot, height);
  slot = base;
}

}  // namespace voxel::internal
