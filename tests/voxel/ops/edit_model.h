// Edits done the slow way: a map of voxels, one decision per voxel, each operation written from its
// definition and not from the engine's code. What the engine is compared with.
//
// Space: a single layer that lies in place.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "voxel/ops/apply.h"
#include "voxel/ops/edit.h"

namespace voxel {

class EditModel {
 public:
  using Voxels = std::map<Coord, Color>;

  const Voxels& voxels() const { return voxels_; }
  Color Get(Coord c) const;

  // Applies one valid edit and says what it did.
  EditCount Apply(const Edit& edit);

 private:
  // What is painted where; air is a colour as well.
  using Paint = std::map<Coord, Color>;

  struct Painter;
  Paint PaintOf(const Edit& edit) const;
  void Put(Coord c, Color color, EditCount& count);
  EditCount ApplyPaint(const Edit& edit, const Paint& paint);
  EditCount ApplyClear(const Edit& edit, const Clear& op);
  EditCount ApplyCopy(const Edit& edit, const CopyBox& op);
  // Moves the voxels of `box` as `to` says; positions that `to` leads to, and those of `box`, are
  // covered.
  template <typename To>
  EditCount ApplyMove(const Edit& edit, const Box& box, bool skip_empty, To&& to);

  Voxels voxels_;
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
