// A colour map over a whole cube of the tree. Private to voxel/grid.
//
// Cost: bricks are mapped by their palettes; a subtree in which nothing changes is kept as it is.
#pragma once

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/brick_map.h"
#include "voxel/grid/node.h"

namespace voxel::internal {

class SlotMapper {
 public:
  // Both must outlive the mapper. `new_bytes` is added to for each node and brick made.
  SlotMapper(ColorMap map, const TaskContext& context, int64_t& new_bytes)
      : map_(map), context_(context), new_bytes_(new_bytes) {}

  // The image of a cube. The slot stays the caller's; a result other than it carries a reference,
  // and its nodes are owned (slot.h). On error nothing is left behind. CALL_CANCELLED,
  // DEADLINE_PASSED, LIMIT_MEMORY.
  absl::StatusOr<MappedSlot> Map(Slot slot, int height);
  // The same for one colour.
  Color Map(Color color);

 private:
  absl::StatusOr<MappedSlot> MapNode(Slot slot, int height);

  ColorMap map_;
  const TaskContext& context_;
  int64_t& new_bytes_;
  Color last_from_ = kAir;  // the last uniform colour asked for, and its image
  Color last_to_ = kAir;
  bool has_last_ = false;
};

}  // namespace voxel::internal
