// Setting single voxels, many at a time.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/mode.h"
#include "voxel/grid/transform.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/edit.h"
#include "voxel/ops/mask_kernel.h"

namespace voxel {

// Sets the voxels of `edit` at their positions mapped by `to_local`. A position that occurs several
// times counts once and takes its last colour. `clip` is local already, `mask`
// (null: everywhere) compiled for the volume as it was. The intersect modes also erase all other
// voxels, within `clip` or else the whole volume, where the mask lets through.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY   as VolumeEditor::MapRegion
// REQUIRES: the mapped positions lie in the world; one colour, or one for each position.
// Cost: about 50 ns a voxel; bricks with many new voxels are written as a whole.
absl::Status ApplySetVoxels(const SetVoxels& edit, const Transform& to_local, Mode mode,
                            const std::optional<Box>& clip, const MaskKernel* mask,
                            VolumeEditor& editor, const TaskContext& context, EditCount& count);

}  // namespace voxel
