// Masks of chance: value noise, and a share of all voxels. Private to voxel/ops.
#pragma once

#include "voxel/ops/mask.h"
#include "voxel/ops/mask_kernel.h"
#include "voxel/ops/placement.h"

namespace voxel {

MaskKernelPtr MakeNoiseKernel(const NoiseMask& mask, const WideTransform& to_world);
MaskKernelPtr MakeShareKernel(const ShareMask& mask, const WideTransform& to_world);

}  // namespace voxel
