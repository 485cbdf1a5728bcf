// What differs between two volumes. Cost: the nodes that are not shared.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

struct VolumeDiff {
  int64_t added = 0;      // air before, a colour after
  int64_t removed = 0;    // a colour before, air after
  int64_t recolored = 0;  // another colour
  Box bounds;             // tight; empty if nothing differs

  int64_t total() const { return added + removed + recolored; }
};

// Counts within `box`.
VolumeDiff Diff(const Volume& before, const Volume& after, const Box& box = kWorld);
// The same for work that may be stopped, as a step of something longer: tells no progress.
// CALL_CANCELLED, DEADLINE_PASSED.
absl::StatusOr<VolumeDiff> Diff(const Volume& before, const Volume& after,
                                const TaskContext& context);

// Several as one piece of work, such as the layers of two documents: stopped as above, and with one
// progress, by the cubes of 64^3 that they do not share. The result is in their order.
struct VolumePair {
  Volume before;
  Volume after;
};
absl::StatusOr<std::vector<VolumeDiff>> DiffAll(absl::Span<const VolumePair> pairs, const Box& box,
                                                const TaskContext& context);

// Whether no voxel differs. Cost: as above, up to the first one that does.
bool SameVoxels(const Volume& a, const Volume& b);

// Calls fn for each pair of equally placed cubes that differ and meet `box`, in a fixed order: both
// cells have the same min and size; size is 16 unless both are uniform. fn returns false to stop.
// Differing cells have differing content.
void ForEachChangedCell(const Volume& before, const Volume& after, const Box& box,
                        absl::FunctionRef<bool(const Cell& before, const Cell& after)> fn);

// Which voxels of two cubes of 16^3 differ, and how.
struct BrickDiff {
  BrickMask added;
  BrickMask removed;
  BrickMask recolored;

  BrickMask All() const;
};
// Of the voxels in `box`. REQUIRES: both have the same min, and size 16.
BrickDiff DiffBricks(const Cell& before, const Cell& after, const Box& box);
// The 4096 colours of a cube of 16^3, whichever kind it is. REQUIRES: size 16.
void DecodeCell(const Cell& cell, DenseBrick& out);

}  // namespace voxel
