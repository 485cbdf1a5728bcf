// A volume that must go on saying what its model says.
#pragma once

#include "tests/voxel/grid/model_volume.h"
#include "voxel/grid/volume.h"

namespace voxel {

struct PinnedVolume {
  Volume volume;
  ModelVolume model;

  // The voxels of a box.
  void CheckBox(const Box& box) const;
  // Every voxel, and what the volume says of itself.
  void CheckAll() const;
  // That the same content made another way, voxel by voxel, gives the same hash.
  void CheckHash() const;
};

}  // namespace voxel
