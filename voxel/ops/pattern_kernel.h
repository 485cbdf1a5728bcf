// A pattern compiled for one layer: the colour of any voxel, and of a whole brick at once.
//
// Threading: immutable.
// Cost:      3 to 10 ns a voxel.
#pragma once

#include <cstdint>
#include <vector>

#include "voxel/grid/brick.h"
#include "voxel/ops/pattern.h"
#include "voxel/ops/placement.h"

namespace voxel {

class PatternKernel {
 public:
  // REQUIRES: CheckPattern(pattern) is OK.
  PatternKernel(const Pattern& pattern, const WideTransform& to_world);

  // The colours of the brick at `min`, in the layer's space.
  void Paint(Coord min, DenseBrick& out) const;
  // The colour at a position of the world.
  Color At(int64_t x, int64_t y, int64_t z) const;

 private:
  Color At(const MixPattern& mix, int64_t x, int64_t y, int64_t z) const;
  static Color At(const CheckerPattern& checker, int64_t x, int64_t y, int64_t z);
  static Color At(const GradientPattern& gradient, int64_t x, int64_t y, int64_t z);

  Pattern pattern_;
  WideTransform to_world_;
  std::vector<uint64_t> ends_;  // of a mix: the sums of the shares so far
  uint64_t seed_ = 0;           // of a mix
};

}  // namespace voxel
