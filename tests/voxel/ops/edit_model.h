// Edits done the slow way: an array of voxels, one decision per voxel, each operation written from
// its definition and not from the engine's code. What the engine is compared with.
//
// Space: a layer that lies in place, and of it an arena that no edit paints outside of. Two models
//        may know each other as the two layers of one document.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/edit.h"

namespace voxel {

using CoordSet = absl::flat_hash_set<Coord>;  // no allocation for each of them

class EditModel {
 public:
  explicit EditModel(const Box& arena, std::string id = "main", uint32_t opacity = 255);
  // Makes them the layers of one document, `bottom` below `top`.
  static void Join(EditModel& bottom, EditModel& top);

  const Box& arena() const { return arena_; }
  // The arena, x fastest.
  const std::vector<Color>& colors() const { return colors_; }
  int64_t CountVoxels() const { return count_; }
  // Air outside the arena.
  Color Get(Coord c) const;

  // Applies one valid edit to this layer and says what it did.
  EditCount Apply(const Edit& edit);
  // A box of all that changed since the last call.
  Box TakeChanged() { return std::exchange(changed_, {}); }

 private:
  // What is painted where; air is a colour as well.
  using Paint = absl::flat_hash_map<Coord, Color>;

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
  EditCount ApplyScale(const Edit& edit, const Scale& op);
  // edit_model_layers.cc
  EditCount ApplyPaste(const Edit& edit, const Paste& op);
  EditCount ApplyCut(const Edit& edit, const Cut& op);
  EditCount ApplyStack(const Edit& edit, const Stack& op);
  EditCount ApplyRecentre(const Edit& edit, const Recentre& op);
  EditCount ApplyCombine(const Edit& edit, const Combine& op);
  EditCount ApplyFlatten(const Edit& edit, const Flatten& op);
  Box Bounds() const;
  const EditModel& Named(const std::string& id) const { return id.empty() ? *this : *other_; }
  // Each voxel of the clip box that is not air becomes image(colour).
  template <typename Image>
  EditCount Recolor(const Edit& edit, Image&& image);
  // How often each colour but air occurs within the clip box.
  std::map<Color, int64_t> CountColors(const Edit& edit) const;
  // Moves the voxels of `box` as `to` says; positions that `to` leads to, and those of `box`, are
  // covered.
  template <typename To>
  EditCount ApplyMove(const Edit& edit, const Box& box, bool skip_empty, To&& to);

  Box arena_;
  std::string id_;
  uint32_t opacity_;  // in what the layers show together
  EditModel* other_ = nullptr;
  bool on_top_ = false;  // of the other
  std::vector<Color> colors_;
  int64_t count_ = 0;  // not air
  Box changed_;
};

// The voxels of a shape or a line, by definition.
CoordSet ShapeVoxels(const FillBox& op);
CoordSet ShapeVoxels(const Ellipsoid& op);
CoordSet ShapeVoxels(const Cylinder& op);
CoordSet ShapeVoxels(const Cone& op);
CoordSet ShapeVoxels(const Torus& op);
CoordSet ShapeVoxels(const Line& op);
CoordSet ShapeVoxels(const Pyramid& op);
CoordSet ShapeVoxels(const Capsule& op);
CoordSet ShapeVoxels(const Prism& op);
CoordSet ShapeVoxels(const Walls& op);
CoordSet ShapeVoxels(const Faces& op);

// Calls fn for every voxel of a box.
template <typename Fn>
void ForEach(const Box& box, Fn&& fn) {
  for (int x = box.min.x; x < box.max.x; ++x) {
    for (int y = box.min.y; y < box.max.y; ++y) {
      for (int z = box.min.z; z < box.max.z; ++z) fn(Coord{x, y, z});
    }
  }
}

// What the operations that look around voxels are about.
CoordSet OutlineVoxels(const EditModel& model, const Outline& op);
CoordSet CoreVoxels(const EditModel& model, const HollowOut& op);
CoordSet VoidVoxels(const EditModel& model);

// What becomes of colours.
Color AdjustedColor(const Adjust& op, Color color);
std::map<Color, Color> QuantisedColors(const Quantise& op, const std::map<Color, int64_t>& counts);
std::map<Color, Color> MergedColors(const MergeColors& op, const std::map<Color, int64_t>& counts);

// Where a Rotate edit takes a voxel of its box.
Coord Rotated(const Rotate& op, Coord c);

}  // namespace voxel
