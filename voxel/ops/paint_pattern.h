// Painting a region with a pattern: brick by brick, as the colours depend on the place.
//
// Cost: cubes outside the region or the mask are not entered; every other brick is decoded, painted
//       and encoded, about 30 us each.
#pragma once

#include "absl/status/status.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/mode.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/mask_kernel.h"
#include "voxel/ops/pattern_kernel.h"
#include "voxel/ops/region.h"

namespace voxel {

// Blends the pattern's colours onto the voxels of `region` within `box` that match `mask` (null:
// all) and adds to `count`.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY   the editor is then half-way
absl::Status PaintPattern(const Region& region, const MaskKernel* mask, const Box& box, Mode mode,
                          const PatternKernel& pattern, VolumeEditor& editor,
                          const TaskContext& context, MapCount& count);

}  // namespace voxel
