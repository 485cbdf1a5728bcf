// The colours of a brick, where it has a list of them.
#pragma once

#include "absl/types/span.h"
#include "voxel/grid/brick.h"

namespace voxel {

// The distinct colours of a canonical brick, in order of first use; empty for a raw one, which has
// no such list. Lives as long as the brick. Cost: none.
absl::Span<const Color> BrickPalette(const Brick* brick);

}  // namespace voxel
