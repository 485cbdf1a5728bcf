// Whether an edit makes sense, as far as that can be said without its layer: so that nothing has
// been done when it fails.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "voxel/base/task_context.h"
#include "voxel/ops/edit.h"
#include "voxel/ops/shape.h"

namespace voxel {

// The most voxels any edit may cover, whatever the context allows: exact shapes need products that
// fit 128 bits.
inline constexpr int64_t kMostVoxels = int64_t{1} << 61;
// The most positions of one SetVoxels, which are numbered in 32 bits.
inline constexpr int64_t kMostPositions = (int64_t{1} << 32) - 1;
// The most copies one CopyBox, Stack or Extrude makes.
inline constexpr uint32_t kMostCopies = 1'000'000;
// The most corners of a Prism, which each of its rows asks.
inline constexpr size_t kMostCorners = 4096;
// The most steps of an Outline or a HollowOut, each of which goes over all of the surface.
inline constexpr uint32_t kMostThickness = 64;
// The largest factor of a Scale.
inline constexpr uint32_t kMostScale = 64;
// The most colours that a Remap names or a Quantise leaves.
inline constexpr uint32_t kMostColors = 65536;

// Field paths start at the operation ("ellipsoid.box.min") or are "mode" or "clip.min".
//   OUT_OF_WORLD    a coordinate, or a voxel of a shape or of a target, lies outside the world
//   INVALID_MASK, INVALID_COLOR   what CheckMask and CheckPattern say of "mask" and "pattern"
//   INVALID_FIELD   an empty box or list, colours that do not match, a number outside its range, a
//                   mode that the operation does not have, a pattern for one that does not paint
//   LIMIT_VOXELS    more than context.max_voxels are covered: by the bounding box of a shape, by
//                   the length and radius of a line, by the box of a move or copy times its count
absl::Status CheckEdit(const Edit& edit, const TaskContext& context);

// OUT_OF_WORLD, naming `field`, unless all of `extent` lies in the world; `what` it is the extent
// of.
absl::Status CheckInWorld(const Block& extent, const std::string& what, const std::string& field);

}  // namespace voxel
