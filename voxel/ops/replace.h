// Replacing colours, by palettes rather than voxels.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/mode.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/color_match.h"
#include "voxel/ops/paint.h"

namespace voxel {

// Blends the brush's paint onto the voxels that `match` in `box` (without: in the whole volume),
// `clip` and its mask, and adds to `count`: covered are the matching voxels. The intersect modes
// also erase all others, within `clip` or else the whole volume.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY   as VolumeEditor::MapRegion
// REQUIRES: box or clip is given if air matches.
absl::Status ApplyReplace(const ColorMatch& match, const Brush& brush,
                          const std::optional<Box>& box, const std::optional<Box>& clip,
                          VolumeEditor& editor, const TaskContext& context, EditCount& count);

// Makes the voxels of `box` (without: all) within `clip` and `mask` (null: everywhere) air. Without
// a box, or with a mask, only voxels that are not air count as covered.
absl::Status ApplyClear(const std::optional<Box>& box, const std::optional<Box>& clip,
                        const MaskKernel* mask, VolumeEditor& editor, const TaskContext& context,
                        EditCount& count);

}  // namespace voxel
