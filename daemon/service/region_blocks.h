// Cutting a box into the blocks it travels in.
#pragma once

#include <vector>

#include "voxel/grid/box.h"

namespace voxeld {

// The parts of `box` in a 64^3 lattice, so none has more than 262,144 voxels; in z, y, x order of
// their min.
class BlockWalk {
 public:
  explicit BlockWalk(const voxel::Box& box);  // REQUIRES: not empty, inside the world
  // The next part; false at the end.
  bool Next(voxel::Box* part);

 private:
  voxel::Box box_;
  voxel::Coord cell_;  // lattice cell of the next part
  bool ended_ = false;
};

}  // namespace voxeld
