// Boxes of voxels that go elsewhere: moved, copied, mirrored, turned, scaled.
//
// Data flow: cut the box out of the source, map it (whole bricks are shared where the map is a
//            shift by multiples of 16), lay the copies over each other, cut at the clip box, blend
//            onto the target. Everything reads the volumes from before the edit, so overlapping
//            source and target are no special case.
// Cost:      what the box holds, not its size; a row of copies costs the logarithm of their number
//            where none erases another.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/mode.h"
#include "voxel/grid/transform.h"
#include "voxel/grid/volume.h"
#include "voxel/ops/apply.h"

namespace voxel {

struct Relocation {
  Box source;           // in the space of the volume that is read
  Transform map;        // from there to where the first copy lands
  uint32_t count = 1;   // copies in all
  Coord step;           // from one copy to the next, in the target's space
  bool vacate = false;  // the source box, in the same volume, becomes air
  bool skip_empty =
      false;  // air of the source paints nothing; in modes other than replace it never does
  // All of the volume goes: covered are the voxels that are not air, before or after. Of one copy
  // that vacates and skips air.
  bool whole = false;
};

// `before` after the relocation of voxels of `from`. Counts into `count`: covered are the target
// boxes and a vacated source; where air paints nothing, the painted voxels and a vacated source.
// Later copies lie over earlier ones.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY
// REQUIRES: source and targets lie in the world.
absl::StatusOr<Volume> Relocate(const Volume& from, const Volume& before, const Relocation& edit,
                                Mode mode, const std::optional<Box>& clip,
                                const TaskContext& context, EditCount& count);

// The same for `stamp`, whose voxels are already where they land, in `target`: edit.map is not
// asked. REQUIRES: one copy.
absl::StatusOr<Volume> LayDown(const Volume& stamp, const Box& target, const Volume& before,
                               const Relocation& edit, Mode mode, const std::optional<Box>& clip,
                               const TaskContext& context, EditCount& count);

}  // namespace voxel
