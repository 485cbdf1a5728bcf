// A set of voxels that edits act on, whatever made it: a shape, a line, a flood.
//
// Threading: regions are immutable; any number of threads may ask.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/box.h"
#include "voxel/grid/brick.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {

class Region {
 public:
  virtual ~Region() = default;
  // A box that holds all of it, in the world.
  virtual Box bounds() const = 0;
  // As RegionKernel::Classify and RegionKernel::Mask.
  virtual Coverage Classify(const Box& cube) const = 0;
  virtual void Mask(Coord min, BrickMask& mask) const = 0;
  // How many of its voxels lie in `box`. CALL_CANCELLED, DEADLINE_PASSED.
  virtual absl::StatusOr<int64_t> Count(const Box& box, const TaskContext& context) const = 0;
};

}  // namespace voxel
