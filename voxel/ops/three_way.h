// The three-way merge of volumes, voxel by voxel: what one side changed since the base is brought
// into the other. Undoing a change under later ones is the same with the roles turned around.
//
// Cost:      what differs between the base and `theirs`; subtrees that they share are not entered,
//            and bricks that `ours` has as the base has them are shared, not written.
// Threading: pure.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

// Of the voxels that `theirs` changed, those that `ours` ...
struct ThreeWayCount {
  int64_t taken = 0;      // has as the base has them: they become theirs
  int64_t same = 0;       // changed to the same
  int64_t conflicts = 0;  // changed to something else: the preferred side's stands
};

enum class Prefer : uint8_t { kOurs, kTheirs };

// Adds to `count`. CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY.
absl::StatusOr<Volume> MergeVolumes(const Volume& base, const Volume& ours, const Volume& theirs,
                                    Prefer prefer, const TaskContext& context,
                                    ThreeWayCount& count);

}  // namespace voxel
