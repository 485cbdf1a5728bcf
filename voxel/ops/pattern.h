// What an edit paints where one colour is not enough: a colour for each position, as plain data.
// Its text form is in pattern_text.h, what evaluates it in pattern_kernel.h.
//
// Space:     the world's, whatever the layer's placement, so neighbouring edits continue each
//            other.
// Exactness: integers and position hashes only: same pattern, same voxels, on every machine.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "voxel/grid/color.h"
#include "voxel/grid/coord.h"

namespace voxel {

// Each voxel takes one of the colours by chance, as often as its share of the sum of all says.
struct MixPattern {
  struct Part {
    uint32_t share = 1;  // 1 to 100,000,000
    Color color = kAir;  // air among them leaves (erases) holes
  };
  std::vector<Part> parts;  // 1 to 256
  uint64_t seed = 0;
};
// Cubes of `size` voxels in two colours by turns; one corner of an even one is the origin.
struct CheckerPattern {
  Color even = kAir;
  Color odd = kAir;
  int32_t size = 1;  // 1 to 2^30
};
// From one colour at `from` to the other at `to`, along an axis; constant beyond the ends.
struct GradientPattern {
  Axis axis = Axis::kZ;
  int32_t from = 0;
  int32_t to = 1;  // not `from`; may be less
  Color start = kAir;
  Color end = kAir;
};

using Pattern = std::variant<MixPattern, CheckerPattern, GradientPattern>;

inline constexpr size_t kMostPatternParts = 256;
inline constexpr uint32_t kMostPatternShare = 100'000'000;

// OK if the numbers are in their ranges.
//   INVALID_COLOR   names the number and what is accepted; no field
absl::Status CheckPattern(const Pattern& pattern);

}  // namespace voxel
