// A set of voxels of the world, as an immutable value: those of a volume, or all the others.
//
// Form:  the volume holds kInk where a voxel belongs to it and air elsewhere, so a uniform cube
//        costs a slot, and equal sets have equal volumes. A complement has no bounds of its own: of
//        such a set the volume says what is left out.
// Space: the world's. Nothing outside the world belongs to any set.
#pragma once

#include "voxel/grid/volume.h"

namespace voxel {

// What scratch volumes are painted with where only occupancy matters.
inline constexpr Color kInk = 0xFFFFFFFF;

struct VoxelSet {
  Volume ink;
  bool complement = false;  // the set is all of the world but `ink`

  bool Contains(Coord c) const { return InWorld(c) && (ink.Get(c) != kAir) != complement; }
};

// Whether both hold the same voxels. Cost: what they do not share.
bool SameVoxels(const VoxelSet& a, const VoxelSet& b);

}  // namespace voxel
