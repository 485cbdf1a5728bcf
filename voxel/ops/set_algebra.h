// Sets of voxels made from other sets. What is true of a set and what is true of its complement is
// worked out on the same volumes, so neither costs more than the other.
//
// Cost:      bricks in which both sets are mixed; cubes that one of them fills or leaves empty are
//            shared. Growing and shrinking cost the bricks at the surface, for each step.
// Threading: pure functions.
// Errors:    CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY.
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/voxel_set.h"
#include "voxel/ops/edit.h"

namespace voxel {

VoxelSet Complement(VoxelSet set);
absl::StatusOr<VoxelSet> Intersection(const VoxelSet& a, const VoxelSet& b,
                                      const TaskContext& context);
absl::StatusOr<VoxelSet> Union(const VoxelSet& a, const VoxelSet& b, const TaskContext& context);
// What is in `a` and not in `b`.
absl::StatusOr<VoxelSet> Difference(const VoxelSet& a, const VoxelSet& b,
                                    const TaskContext& context);
// What is in one of them only.
absl::StatusOr<VoxelSet> SymmetricDifference(const VoxelSet& a, const VoxelSet& b,
                                             const TaskContext& context);

// What is at most `steps` from neighbour to neighbour away from a voxel of the set; and what is
// left of the set without that of its complement. The rim of the world is no border: nothing
// shrinks there.
absl::StatusOr<VoxelSet> Grow(VoxelSet set, uint32_t steps, Neighbours neighbours,
                              const TaskContext& context);
absl::StatusOr<VoxelSet> Shrink(VoxelSet set, uint32_t steps, Neighbours neighbours,
                                const TaskContext& context);

// The voxels of `volume` that are not air and whose colour `matches`, in ink. Cost: palettes.
absl::StatusOr<Volume> InkOf(const Volume& volume, absl::FunctionRef<bool(Color)> matches,
                             const TaskContext& context);
// All of a box in ink. Cost: its surface.
absl::StatusOr<Volume> InkBox(const Box& box, const TaskContext& context);

}  // namespace voxel
