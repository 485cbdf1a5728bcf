// Whose voxel it is that one sees.
#pragma once

#include "voxel/grid/document.h"

namespace voxel {

// The topmost visible layer with a voxel at `c`; null if there is none.
const Layer* TopLayerAt(const Document& document, Coord c);

}  // namespace voxel
