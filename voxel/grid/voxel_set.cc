#include "voxel/grid/voxel_set.h"

#include "voxel/grid/diff.h"

namespace voxel {

bool SameVoxels(const VoxelSet& a, const VoxelSet& b) {
  return a.complement == b.complement && SameVoxels(a.ink, b.ink);
}

}  // namespace voxel
