// The cubes of a scene that rays of one direction may meet first: as few and as small as a picture
// has use for.
//
// Structure:  single voxels, without those that others hide from every such ray, where there are
//             few enough; else cubes of 4, 16, ... that are not empty. Full cubes may come as a
//             whole.
// Cost:       some 15 instructions for each 64 voxels, or for each coarser cube.
#pragma once

#include <cstddef>
#include <vector>

#include "voxel/render/occupancy_index.h"
#include "voxel/render/vec3.h"

namespace voxel {

struct FirstCubes {
  std::vector<OccupancyIndex::Cube> cubes;
  double side = 0;  // of the smallest
};

// At most about `most` cubes, the finest there are so few of. In a translucent scene rays go on
// behind what they meet first: there all cubes that are not empty are given.
FirstCubes FindFirstCubes(const OccupancyIndex& index, Vec3 direction, size_t most);

}  // namespace voxel
