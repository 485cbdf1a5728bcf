// Where MagicaVoxel puts things, as this project's transforms.
//
// Format:  a transform node maps a point x of its child to R x + T. A model's own origin is its
//          pivot, floor(size / 2), so a cell p of a model lands on floor(R (p + 1/2 - pivot) + T).
//          Since the pivot and T are whole, that is Transform{R, T} * Transform{identity, -pivot}:
//          the same cells, exactly.
// Units:   voxels.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "voxel/grid/scene_graph.h"
#include "voxel/grid/transform.h"

namespace voxel {

// Offsets of nodes and of what they compose to stay in [-kVoxMaxOffset, kVoxMaxOffset], so that
// sums of two fit and every model lies in the world.
inline constexpr int32_t kVoxMaxOffset = 1 << 29;

// R and T of one keyframe; what is absent is the identity.
//   InvalidArgument  `_r` is not one of the 48 rotations, `_t` not three numbers in range; the
//                    message says which
absl::StatusOr<Transform> VoxFrameTransform(const Attributes& frame);
// Sets `_r` and `_t` of a keyframe.
void SetVoxFrameTransform(Attributes& frame, const Transform& transform);

// outer * inner, or nullopt if the offset leaves the range above.
std::optional<Transform> ComposeVox(const Transform& outer, const Transform& inner);

constexpr Coord VoxPivot(Coord size) { return {size.x / 2, size.y / 2, size.z / 2}; }
constexpr Transform Translation(Coord offset) { return {Rotation(), offset}; }

}  // namespace voxel
