// Which voxel a picture shows at a pixel.
//
// Exactness: the ray is the one through the pixel's middle that PaintView follows, from the same
//            camera; so a pixel shows the voxel that is picked at it (where outlines are smoothed,
//            a pixel on an edge mixes others in).
// Cost:      that of the occupancy index, about 30 bytes for each brick; then one ray.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"
#include "voxel/render/view.h"

namespace voxel {

struct PickedVoxel {
  bool hit = false;
  std::string view;  // the pixel's; empty for a pixel of the grid that no view fills
  Coord position;
  Coord normal;  // of the face that is seen
  Color color = kAir;
};

// What the picture that RenderViews(volume, request) makes shows at (x, y), through what is written
// on it. INVALID_FIELD for a pixel outside the picture (`x`, `y`); else as RenderViews.
absl::StatusOr<PickedVoxel> PickVoxel(const Volume& volume, const ViewRequest& request, uint32_t x,
                                      uint32_t y, const TaskContext& context);

}  // namespace voxel
