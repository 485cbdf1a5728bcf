// Masks that look at the voxels around one: surface, exposed sides, counts of neighbours, and what
// lies beside a match. Private to voxel/ops.
#pragma once

#include "voxel/grid/volume.h"
#include "voxel/ops/mask.h"
#include "voxel/ops/mask_kernel.h"

namespace voxel {

// `step` is one voxel along an axis, in the volume's space.
MaskKernelPtr MakeSurfaceKernel(Volume volume);
MaskKernelPtr MakeExposedKernel(Volume volume, Coord step);
MaskKernelPtr MakeNeighboursKernel(Volume volume, const NeighboursMask& mask);
// Voxels whose neighbour at `step` matches.
MaskKernelPtr MakeBesideKernel(MaskKernelPtr of, Coord step);

}  // namespace voxel
