// What holds in every document that the daemon made, checked for one that came from a file.
//
// Threading: a pure function. Cost: the layer list and the scene graph, no voxels.
#pragma once

#include "voxel/grid/document.h"

namespace voxeld {

// Layer ids are there, well formed and unique; links lead to a layer that is none; the scene graph
// is acyclic and names only nodes and models that it has.
bool ValidDocument(const voxel::Document& document);

}  // namespace voxeld
