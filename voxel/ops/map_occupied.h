// MapRegion for maps that keep air: only where there is something.
//
// Cost: what lies in the box; the empty space between voxels far apart costs nothing, however much
//       of the kernel's border runs through it.
#pragma once

#include "absl/status/status.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {

// As editor.MapRegion, but what the kernel has inside where nothing is may remain uncounted.
// REQUIRES: `volume` is the editor's content; the kernel keeps air as it is.
absl::Status MapOccupied(const Volume& volume, const Box& box, const RegionKernel& kernel,
                         VolumeEditor& editor, const TaskContext& context, MapCount& count);

}  // namespace voxel
