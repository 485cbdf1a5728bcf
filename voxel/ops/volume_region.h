// The voxels of a volume, whatever their colours, as a Region: what lines, floods and colour
// searches leave behind.
#pragma once

#include "voxel/grid/volume.h"
#include "voxel/grid/voxel_set.h"
#include "voxel/ops/region.h"

namespace voxel {

class VolumeRegion final : public Region {
 public:
  explicit VolumeRegion(Volume volume) : volume_(std::move(volume)), bounds_(volume_.Bounds()) {}

  const Volume& volume() const { return volume_; }
  Box bounds() const override { return bounds_; }
  Coverage Classify(const Box& cube) const override;
  void Mask(Coord min, BrickMask& mask) const override;
  absl::StatusOr<int64_t> Count(const Box& box, const TaskContext& context) const override;

 private:
  Volume volume_;
  Box bounds_;
};

}  // namespace voxel
