// The nine ways a painted voxel b meets the voxel a that is there.
//
// Alphas aA, bA in 0..255, integer division:
//   over            alpha = bA + aA(255-bA)/255, colour = (255 b bA + a aA(255-bA)) / (255 bA +
//                   aA(255-bA))
//   sub             alpha = max(0, aA-bA)            sub_clamp       alpha = min(aA, 255-bA)
//   paint           colour = a + (b-a) bA/255, alpha kept
//   max             colour b, alpha max(aA, bA)      replace         b as it is
//   intersect       alpha = min(aA, bA), colour kept intersect_fill  the same with colour b
//   mult_alpha      all four channels times bA/255
// Outside the painted shape b is empty, which only the two intersect modes act upon. A result of
// alpha 0 is air.
#pragma once

#include <cstdint>

#include "voxel/grid/color.h"

namespace voxel {

enum class Mode : uint8_t {
  kOver = 1,
  kSub,
  kSubClamp,
  kPaint,
  kMax,
  kIntersect,
  kIntersectFill,
  kMultAlpha,
  kReplace,
};

// The voxel that results. Both colours and the result are normalized.
Color Blend(Mode mode, Color a, Color b);

// Whether the mode changes voxels outside the painted shape (b empty there).
constexpr bool ActsOutside(Mode mode) {
  return mode == Mode::kIntersect || mode == Mode::kIntersectFill;
}

}  // namespace voxel
