// Paints what one camera sees.
//
// Data flow:  where rays can meet voxels at all (SpanMap) -> rays by bands of rows -> tints ->
//             where voxels are large enough to have visible edges: a second pass that takes four
//             rays for each pixel that differs from a neighbour, which smooths outlines -> pixels.
// Cost:       one primary and at most one shadow ray per pixel, four of each for pixels on edges.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "voxel/grid/volume.h"
#include "voxel/image/image.h"
#include "voxel/render/band_runner.h"
#include "voxel/render/camera.h"
#include "voxel/render/lighting.h"
#include "voxel/render/occupancy_index.h"

namespace voxel {

// The picture of camera.width * camera.height pixels, over `background`. `index` is of `volume`;
// the camera's positions are relative to index.origin(). CALL_CANCELLED, DEADLINE_PASSED.
absl::StatusOr<Image> PaintView(const Volume& volume, const OccupancyIndex& index,
                                const Camera& camera, const Lighting& lighting, uint32_t background,
                                BandRunner& bands);

// How many bands PaintView gives to its BandRunner.
int64_t BandsOf(const Camera& camera);

}  // namespace voxel
