// Two volumes into one, voxel by voxel, with shortcuts for shared and uniform cubes; and a volume
// moved or turned.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/mode.h"
#include "voxel/grid/transform.h"
#include "voxel/grid/volume.h"

namespace voxel {

// `top` painted over `bottom` with `mode`; `opacity` in 0..255 scales top's alpha first
// (a * opacity / 255). Where `top` is air it paints nothing, which only the intersect modes act
// upon. Cost: bricks where both differ.
absl::StatusOr<Volume> BlendVolumes(const Volume& bottom, const Volume& top, Mode mode,
                                    uint32_t opacity, const TaskContext& context);

// How two volumes become one as sets of voxels, whatever their colours' alpha.
enum class Combination : uint8_t {
  kUnion = 1,  // what either has
  kSubtract,   // what only `a` has
  kIntersect,  // what both have
  kXor,        // what just one has
};

// `a` and `b` combined. A voxel that both have keeps the colour of `a`, or with `colors_of_b` takes
// that of `b`. Cost: bricks where both differ; shared nodes and uniform cubes are judged whole.
absl::StatusOr<Volume> CombineVolumes(const Volume& a, const Volume& b, Combination how,
                                      bool colors_of_b, const TaskContext& context);

// `volume` with each voxel moved from c to transform.Apply(c). Offsets in multiples of 16 with no
// rotation share all bricks. OUT_OF_WORLD if a voxel would leave the world.
absl::StatusOr<Volume> TransformVolume(const Volume& volume, const Transform& transform,
                                       const TaskContext& context);

}  // namespace voxel
