// Edits done the slow way: an array of voxels, one decision per voxel, each operation written from
// its definition and not from the engine's code. What the engine is compared with.
//
// Space: a single layer that lies in place, and of it an arena that no edit paints outside of.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "voxel/ops/apply.h"
#include "voxel/ops/edit.h"

namespace voxel {

class EditModel {
 public:
  explicit EditModel(const Box& arena);

  // The arena, x fastest.
  const std::vector<Color>& colors() const { return colors_; }
  int64_t CountVoxels() const { return count_; }
  // Air outside the arena.
  Color Get(Coord c) const;

  // Applies one valid edit and says what it did.
  EditCount Apply(const Edit& edit);
  // A box of all that changed since the last call.
  Box TakeChanged() { return std::exchange(changed_, {}); }

 private:
  // What is painted where; air is a colour as well.
  using Paint = std::map<Coord, Color>;

  struct Painter;
  Paint PaintOf(const Edit& edit) const;
  size_t IndexOf(Coord c) const;
  void Put(Coord c, Color color, EditCount& count);
  // Takes away the voxels that `gone` names and returns how many there were.
  template <typename Gone>
  int64_t Erase(Gone&& gone);
  EditCount ApplyPaint(const Edit& edit, const Paint& paint);
  EditCount ApplyClear(const Edit& edit, const Clear& op);
  EditCount ApplyCopy(const Edit& edit, const CopyBox& op);
  // Moves the voxels of `box` as `to` says; positions that `to` leads to, and those of `box`, are
  // covered.
  template <typename To>
  EditCount ApplyMove(const Edit& edit, const Box& box, bool skip_empty, To&& to);

  Box arena_;
  std::vector<Color> colors_;
  int64_t count_ = 0;  // not air
  Box changed_;
};

// The voxels of a shape or a line, by definition.
std::set<Coord> ShapeVoxels(const FillBox& op);
std::set<Coord> ShapeVoxels(const Ellipsoid& op);
std::set<Coord> ShapeVoxels(const Cylinder& op);
std::set<Coord> ShapeVoxels(const Cone& op);
std::set<Coord> ShapeVoxels(const Torus& op);
std::set<Coord> ShapeVoxels(const Line& op);

// Where a Rotate edit takes a voxel of its box.
Coord Rotated(const Rotate& op, Coord c);

}  // namespace voxel
