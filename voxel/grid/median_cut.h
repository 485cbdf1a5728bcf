// Groups of similar colours by median cut (P. Heckbert, "Color Image Quantization for Frame Buffer
// Display", 1982), weighted by how often each colour occurs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "voxel/grid/color.h"

namespace voxel {

struct WeightedColor {
  Color color = kAir;
  int64_t weight = 0;  // positive
};

// Reorders `colors` (all different) so that groups stand together, and returns the end of each
// group. At most `max_groups`, exactly that many if there are enough colours. Deterministic,
// whatever the order given.
// Cost: O(n log n) for each halving.
std::vector<size_t> MedianCut(std::vector<WeightedColor>& colors, size_t max_groups);

}  // namespace voxel
