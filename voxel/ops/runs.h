// Setting rows of voxels, many at a time.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/box.h"
#include "voxel/grid/mode.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/apply.h"

namespace voxel {

// Blends each run's colour onto its voxels. Where runs overlap the last one counts. Adds to
// `count`; the intersect modes also erase all other voxels, within `clip` or else the whole volume.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY   as VolumeEditor::MapRegion
// REQUIRES: runs are boxes in the world, one voxel wide on two axes; one colour, or one for each.
// Cost: 24 bytes for each brick that a run passes through, and each such brick once.
absl::Status ApplyRuns(absl::Span<const Box> runs, absl::Span<const Color> colors, Mode mode,
                       const std::optional<Box>& clip, VolumeEditor& editor,
                       const TaskContext& context, EditCount& count);

}  // namespace voxel
