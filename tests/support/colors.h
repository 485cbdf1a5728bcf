// The colours that tests write where any would do.
#pragma once

#include "voxel/grid/color.h"

namespace voxel {

inline constexpr Color kRed = 0xFF0000FF;
inline constexpr Color kGreen = 0x00FF00FF;
inline constexpr Color kBlue = 0x0000FFFF;

}  // namespace voxel
