// The scene that pictures are measured with.
#pragma once

#include <cstdint>

#include "voxel/grid/volume.h"

namespace voxel {

// Hills of side^2 voxels with pillars, and a ball of 45 voxels radius.
Volume Landscape(int32_t side);

}  // namespace voxel
