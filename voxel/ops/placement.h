// Where a box of voxels goes: moves, copies, mirror images and turns as one kind of thing, in world
// space and then in the spaces of the layers involved.
//
// Exactness: 64-bit throughout, so that no detour over a layer's offset overflows.
#pragma once

#include <cstdint>

#include "voxel/grid/transform.h"
#include "voxel/ops/edit.h"
#include "voxel/ops/shape.h"

namespace voxel {

// A Transform with room: p goes to floor(rotation * (p + 1/2)) + offset.
struct WideTransform {
  Rotation rotation;
  int64_t offset[3] = {0, 0, 0};

  static WideTransform Of(const Transform& transform);
  // By `by`, nothing turned.
  static WideTransform Shift(Coord by);
  // Turned by `rotation`, with the low corner of `box` landing at the low corner of where `to` is.
  static WideTransform Onto(Rotation rotation, const Box& box, const Block& to);

  Block Apply(const Block& block) const;
  WideTransform Inverse() const;
  // REQUIRES: the offset fits, as it does if the transform maps some voxel of the world into the
  //           world.
  Transform Narrow() const;
  friend WideTransform operator*(const WideTransform& outer, const WideTransform& inner);
};

// The extent of `box` after a Rotate edit; may lie outside the world.
Block RotatedExtent(const Box& box, Axis axis, int32_t quarter_turns);

// The maps of the edits, in the world.
WideTransform MirrorMap(const Mirror& edit);
WideTransform RotateMap(const Rotate& edit);
// Of a paste of `box`.
WideTransform PasteMap(const Paste& edit, const Box& box);
// Of a whole layer with these bounds in the world.
WideTransform RecentreMap(const Recentre& edit, const Block& bounds);
// From one copy of a stack to the next.
WideTransform StackStep(const Stack& edit);

}  // namespace voxel
