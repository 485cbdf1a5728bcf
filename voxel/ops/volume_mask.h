// Masks that look at one voxel of a volume: solid, or of a colour. Private to voxel/ops.
#pragma once

#include "voxel/grid/volume.h"
#include "voxel/ops/color_match.h"
#include "voxel/ops/mask_kernel.h"

namespace voxel {

MaskKernelPtr MakeSolidKernel(Volume volume);
MaskKernelPtr MakeColorKernel(Volume volume, const ColorMatch& match);

// Whether the voxels of an aligned cube are all solid, all air, or mixed.
Coverage SolidCoverage(const Volume& volume, const Box& cube);

}  // namespace voxel
