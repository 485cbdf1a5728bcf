#include "voxel/grid/slot_map.h"

#include "voxel/base/status_macros.h"
#include "voxel/grid/brick_read.h"

namespace voxel::internal {

Color SlotMapper::Map(Color color) {
  if (has_last_ && last_from_ == color) return last_to_;
  last_from_ = last_to_ = color;
  map_(&last_to_, 1);
  has_last_ = true;
  return last_to_;
}

absl::StatusOr<MappedSlot> SlotMapper::Map(Slot slot, int height) {
  if (slot.uniform()) {
    const Color color = Map(slot.color());
    if (color == slot.color()) return MappedSlot{slot, 0};
    return MappedSlot{Slot::Uniform(color), CubeVoxels(height)};
  }
  if (height > 0) return MapNode(slot, height);
  VOXEL_RETURN_IF_ERROR(context_.CheckMemory(new_bytes_));
  const MappedSlot mapped = MapBrick(slot, map_);
  if (mapped.slot != slot) new_bytes_ += SlotBytes(mapped.slot, 0);
  return mapped;
}

absl::StatusOr<MappedSlot> SlotMapper::MapNode(Slot slot, int height) {
  const std::array<Slot, kFan>& before = slot.node()->slots;
  std::array<Slot, kFan> after = before;
  int64_t changed = 0;
  for (int i = 0; i < kFan; ++i) {
    if (height == 1 && i + 1 < kFan) AskForBrick(before[i + 1]);
    absl::StatusOr<MappedSlot> child = Map(before[i], height - 1);
    if (!child.ok()) {
      for (int k = 0; k < i; ++k) {
        if (after[k] != before[k]) DropSlot(after[k], height - 1);
      }
      return child.status();
    }
    after[i] = child->slot;
    changed += child->changed;
  }
  if (after == before) return MappedSlot{slot, 0};
  if (AllUniform(after)) return MappedSlot{after[0], changed};
  for (int i = 0; i < kFan; ++i) {
    if (after[i] == before[i]) RefSlot(after[i], height - 1);
  }
  Node* node = NewNode(Slot());
  node->slots = after;
  new_bytes_ += NodeBytes();
  return MappedSlot{Slot::Owned(node), changed};
}

}  // namespace voxel::internal
