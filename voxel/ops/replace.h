// Replacing colours, by palettes rather than voxels.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/mode.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/color_match.h"

namespace voxel {

// Blends `color` onto the voxels that `match` in `box` (without: in the whole volume) and `clip`,
// and adds to `count`: covered are the matching voxels. The intersect modes also erase all others,
// within `clip` or else the whole volume.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY   as VolumeEditor::MapRegion
// REQUIRES: box or clip is given if air matches.
absl::Status ApplyReplace(const ColorMatch& match, Mode mode, Color color,
                          const std::optional<Box>& box, const std::optional<Box>& clip,
                          VolumeEditor& editor, const TaskContext& context, EditCount& count);

// Makes the voxels of `box` (without: all) within `clip` air. Without a box only voxels that are
// not air count as covered.
absl::Status ApplyClear(const std::optional<Box>& box, const std::optional<Box>& clip,
                        VolumeEditor& editor, const TaskContext& context, EditCount& count);

}  // namespace voxel
