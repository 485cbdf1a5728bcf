// Mirror planes of a volume: where the most voxels have a mirror image.
//
// Search:    planes within an eighth of the extent (2 to 64 voxels) of the middle of the bounds, in
//            steps of half a voxel; of more than kLongestSearched voxels only the middle. The
//            voxels in each slice bound from above what a plane can match, so that the planes are
//            tried from the most promising on and most of them never are.
// Cost:      about 1 us a brick for each plane tried; a symmetric volume needs one.
// Threading: pure function.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

inline constexpr int64_t kLongestSearched = int64_t{1} << 20;

struct MirrorPlane {
  int64_t twice = 0;       // twice the plane's position: voxel i has its image at twice - 1 - i
  int64_t matched = 0;     // voxels whose image is not air
  int64_t mismatches = 0;  // voxels whose image is air
  int64_t miscolored = 0;  // voxels whose image has another colour
  Box bounds;              // of those whose image is air
};

// The best plane at right angles to `axis`: the most matches, then nearest to the middle, then
// lowest. CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY. REQUIRES: volume not empty.
absl::StatusOr<MirrorPlane> FindMirrorPlane(const Volume& volume, Axis axis,
                                            const TaskContext& context);

}  // namespace voxel
