// A capsule: the voxels within `radius` of the segment between two voxels. One piece of a thick
// line.
//
// Form: with d = to - from and w = voxel - from, beyond the ends the distance to the end counts;
//       between them |w|^2 |d|^2 - (w.d)^2 <= radius^2 |d|^2, in 64 bits where that fits and in 128
//       elsewhere.
#pragma once

#include <cstdint>

#include "voxel/grid/volume_editor.h"

namespace voxel {

// As a kernel that paints in ink. Classify is conservative: kPartial near the surface may be all
// outside.
class CapsuleKernel final : public RegionKernel {
 public:
  // REQUIRES: the capsule lies in the world.
  CapsuleKernel(Coord from, Coord to, uint32_t radius);

  Box bounds() const { return bounds_; }
  Coverage Classify(const Box& cube) const override;
  void Mask(Coord min, BrickMask& mask) const override;
  void MapInside(Color* colors, int n) const override;

 private:
  bool Near(Coord voxel, int64_t radius) const;
  template <typename Int, typename UInt>
  bool NearIn(Coord voxel, int64_t radius) const;
  void MaskRow(Coord row, int y, int z, BrickMask& mask) const;

  Coord from_;
  int64_t delta_[3];
  int64_t radius_;
  Box bounds_;
  bool narrow_;  // all products fit 64 bits
};

}  // namespace voxel
