// Two bricks into one, on their palettes where possible. Private to voxel/grid.
//
// Ownership: the result carries one reference, which the caller takes over.
#pragma once

#include "absl/functional/function_ref.h"
#include "voxel/grid/slot.h"

namespace voxel::internal {

// What becomes of a voxel that is `below` under `paint`. The same answer for the same pair; air on
// air is air.
using ColorMeet = absl::FunctionRef<Color(Color below, Color paint)>;

// Both bricks voxel by voxel: canonical. `below` itself, with another reference, if no voxel
// differs from it. Cost: 1 to 2 ns per voxel; `meet` is asked once per pair of colours where both
// have a palette of 16.
Slot BlendBricks(Brick* below, Brick* paint, ColorMeet meet);

}  // namespace voxel::internal
