// The edits that change colours by what they are: plain data, as in edit.h.
//
// They act on the voxels that are not air, within the clip box or else in the whole layer, and
// count those as covered.
#pragma once

#include <cstdint>
#include <vector>

#include "voxel/grid/color.h"

namespace voxel {

// Voxels of colour from[i] become to[i], all at once: what was changed is not changed again. No
// colour stands twice in `from`, and air not at all.
struct Remap {
  std::vector<Color> from;
  std::vector<Color> to;
};

// At most `colors` different ones remain within the clip box: groups by median cut, each in its
// mean colour.
struct Quantise {
  uint32_t colors = 256;  // 1 to 65536
};

// Within the clip box: colours in falling order of frequency; each becomes the first one before it
// that stayed and is within `tolerance` of it in every channel.
struct MergeColors {
  uint32_t tolerance = 1;  // 1 to 255
};

// In this order: hue turned by degrees, saturation, lightness and contrast changed by percents.
// Alpha stays. color_adjust.h has the arithmetic.
struct Adjust {
  int32_t hue = 0;         // -360 to 360
  int32_t saturation = 0;  // -100 (grey) to 100 (twice as far from grey)
  int32_t lightness = 0;   // -100 (black) to 100 (white)
  int32_t contrast = 0;    // -100 (flat) to 100 (twice as far from the middle)
};

}  // namespace voxel
