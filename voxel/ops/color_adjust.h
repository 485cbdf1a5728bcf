// Hue, saturation, lightness and contrast of one colour, in integers: same colour, same result,
// everywhere. Quotients are rounded to the nearest, halves away from zero.
#pragma once

#include "voxel/grid/color.h"
#include "voxel/ops/color_edits.h"

namespace voxel {

// In this order, each on the result of the one before; channels are cut to 0..255, alpha stays:
//   hue         with M and m the greatest and the least channel and C = M - m, the hue is a
//               position on a hexagon of 6 C steps (0 red, 2 C green, 4 C blue); it moves by hue C
//               / 60
//   saturation  a channel c becomes g + (c - g)(100 + saturation) / 100, with g = (M + m) / 2
//   lightness   towards white by lightness percent of the way, or towards black
//   contrast    c becomes 128 + (c - 128)(100 + contrast) / 100
// REQUIRES: the numbers are in their ranges; `color` is not air.
Color Adjusted(const Adjust& edit, Color color);

}  // namespace voxel
