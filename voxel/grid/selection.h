// A selection: a set of voxels that a document keeps under a name. It selects places, not colours:
// edits leave it as it is.
//
// Space: the world's, over all layers.
#pragma once

#include <string>
#include <utility>

#include "voxel/base/ref_ptr.h"
#include "voxel/grid/voxel_set.h"

namespace voxel {

struct Selection : RefCounted<Selection> {
  Selection(std::string name, VoxelSet set) : id(std::move(name)), voxels(std::move(set)) {}

  std::string id;  // as a layer's, unique among the document's selections
  VoxelSet voxels;
};

}  // namespace voxel
