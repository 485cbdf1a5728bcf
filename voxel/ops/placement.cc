#include "voxel/ops/placement.h"

#include <algorithm>

namespace voxel {
namespace {

// R * v.
void Turn(Rotation rotation, const int64_t (&v)[3], int64_t (&out)[3]) {
  for (int row = 0; row < 3; ++row) {
    const int64_t value = v[rotation.column(row)];
    out[row] = rotation.negative(row) ? -value : value;
  }
}

int NormalTurns(int32_t quarter_turns) { return (quarter_turns % 4 + 4) % 4; }

}  // namespace

WideTransform WideTransform::Of(const Transform& transform) {
  return {transform.rotation, {transform.offset.x, transform.offset.y, transform.offset.z}};
}

WideTransform WideTransform::Shift(Coord by) { return {Rotation(), {by.x, by.y, by.z}}; }

WideTransform WideTransform::Onto(Rotation rotation, const Box& box, const Block& to) {
  WideTransform turn{rotation, {0, 0, 0}};
  const Block turned = turn.Apply(BlockOf(box));
  for (int i = 0; i < 3; ++i) turn.offset[i] = to[i].first - turned[i].first;
  return turn;
}

Block WideTransform::Apply(const Block& block) const {
  Block out;
  for (int row = 0; row < 3; ++row) {
    Interval range = block[rotation.column(row)];
    // A negated voxel p is the cell from -p - 1 to -p.
    if (rotation.negative(row)) range = {-range.last - 1, -range.first - 1};
    out[row] = range.Shifted(offset[row]);
  }
  return out;
}

WideTransform WideTransform::Inverse() const {
  WideTransform inverse{rotation.Inverse(), {0, 0, 0}};
  Turn(inverse.rotation, offset, inverse.offset);
  for (int64_t& value : inverse.offset) value = -value;
  return inverse;
}

Transform WideTransform::Narrow() const {
  return {rotation,
          {static_cast<int32_t>(offset[0]), static_cast<int32_t>(offset[1]),
           static_cast<int32_t>(offset[2])}};
}

WideTransform operator*(const WideTransform& outer, const WideTransform& inner) {
  WideTransform out{outer.rotation * inner.rotation, {0, 0, 0}};
  Turn(outer.rotation, inner.offset, out.offset);
  for (int i = 0; i < 3; ++i) out.offset[i] += outer.offset[i];
  return out;
}

Block RotatedExtent(const Box& box, Axis axis, int32_t quarter_turns) {
  Block extent = BlockOf(box);
  if (NormalTurns(quarter_turns) % 2 == 0) return extent;
  const int u = axis == Axis::kX ? 1 : 0;
  const int v = axis == Axis::kZ ? 1 : 2;
  const int64_t difference = box.Size(u) - box.Size(v);
  // With equal parity both boxes have the same middle; otherwise that would lie between voxels, and
  // the min stays.
  const int64_t shift = difference % 2 == 0 ? difference / 2 : 0;
  extent[u] = {box.min[u] + shift, box.min[u] + shift + box.Size(v) - 1};
  extent[v] = {box.min[v] - shift, box.min[v] - shift + box.Size(u) - 1};
  return extent;
}

WideTransform MirrorMap(const Mirror& edit) {
  return WideTransform::Onto(Rotation::Mirror(edit.axis), edit.box, BlockOf(edit.box));
}

WideTransform RotateMap(const Rotate& edit) {
  const int turns = NormalTurns(edit.quarter_turns);
  return WideTransform::Onto(Rotation::Quarter(edit.axis, turns), edit.box,
                             RotatedExtent(edit.box, edit.axis, turns));
}

WideTransform PasteMap(const Paste& edit, const Box& box) {
  Rotation rotation = Rotation::Quarter(edit.axis, NormalTurns(edit.quarter_turns));
  for (int i = 0; i < 3; ++i) {
    if (edit.flip[i]) rotation = rotation * Rotation::Mirror(static_cast<Axis>(i));
  }
  return WideTransform::Onto(rotation, box, BlockOf(BoxAt(edit.to.value_or(box.min))));
}

WideTransform RecentreMap(const Recentre& edit, const Block& bounds) {
  WideTransform map;
  for (int i = 0; i < 3; ++i) {
    const bool middle = edit.anchor == Anchor::kCentre || (edit.anchor == Anchor::kBase && i < 2);
    map.offset[i] = edit.to[i] - bounds[i].first - (middle ? bounds[i].size() / 2 : 0);
  }
  return map;
}

WideTransform StackStep(const Stack& edit) {
  WideTransform step;
  for (int i = 0; i < 3; ++i) step.offset[i] = edit.direction[i] * edit.box.Size(i);
  return step;
}

}  // namespace voxel
