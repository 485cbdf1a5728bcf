#include "voxel/ops/flood.h"

#include <deque>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/mask_flood.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/shape_region.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

// The sides of a cube, with its edges and corners, over which neighbours lie.
std::vector<Coord> SidesOf(Neighbours neighbours) {
  std::vector<Coord> sides;
  for (int i = 0; i < 27; ++i) {
    const Coord side{i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1};
    if (StepsOf(side) > 0 && StepsOf(side) <= ReachOf(neighbours)) sides.push_back(side);
  }
  return sides;
}

class Flood {
 public:
  Flood(const Volume& volume, const ColorMatch& match, Neighbours neighbours, const Box& bounds,
        int64_t max_voxels, const TaskContext& context)
      : volume_(volume),
        match_(match),
        neighbours_(neighbours),
        sides_(SidesOf(neighbours)),
        bounds_(bounds),
        max_voxels_(max_voxels),
        context_(context) {}

  absl::Status Run(Coord seed) {
    Enter(volume_.CellOf(seed), BoxAt(seed));
    while (!cubes_.empty() || !waiting_.empty()) {
      VOXEL_RETURN_IF_ERROR(CheckLimits());
      if (!cubes_.empty()) {
        const Box cube = cubes_.back();
        cubes_.pop_back();
        LeaveCube(cube);
      } else {
        PartialBrick* brick = waiting_.back();
        waiting_.pop_back();
        GrowBrick(*brick);
      }
    }
    return CheckLimits();
  }

  absl::StatusOr<Volume> Draw() const {
    VolumeEditor editor{Volume()};
    for (const Box& box : filled_) {
      if (box == volume_.CellOf(box.min).box()) {
        editor.PutCube(box.min, static_cast<int32_t>(box.Size(0)), kInk);
        continue;
      }
      EditCount count;
      const ShapeRegion region{BoxShape(box)};
      VOXEL_RETURN_IF_ERROR(
          PaintRegion(region, Mode::kReplace, kInk, std::nullopt, editor, context_, count));
    }
    DenseBrick dense;
    for (const PartialBrick& brick : bricks_) {
      if (brick.filled.None()) continue;
      VOXEL_RETURN_IF_ERROR(context_.CheckMemory(editor.new_bytes()));
      for (int i = 0; i < kBrickVoxels; ++i) dense[i] = brick.filled.Get(i) ? kInk : kAir;
      editor.PutBrick(brick.min, dense);
    }
    return editor.Commit();
  }

 private:
  struct PartialBrick {
    Coord min;
    BrickMask open;     // matching voxels within the bounds
    BrickMask filled;   // reached, and passed on to the neighbours
    BrickMask pending;  // reached, not yet grown
    bool waiting = false;
  };

  absl::Status CheckLimits() const {
    if (voxels_ > max_voxels_) {
      return Error(Reason::LIMIT_VOXELS,
                   absl::StrCat("the region has more than ", max_voxels_, " voxels"));
    }
    const auto bytes =
        static_cast<int64_t>(bricks_.size() * sizeof(PartialBrick) + filled_.size() * sizeof(Box));
    return context_.CheckMemory(bytes);
  }

  // The flood reaches the voxels of `part`, which lie in `cell` and within the bounds.
  void Enter(const Cell& cell, const Box& part) {
    if (cell.brick != nullptr) {
      Reach(BrickAt(cell), BoxMask(cell.min, part));
    } else if (match_(cell.color) && seen_cubes_.insert(cell.min).second) {
      const Box box = cell.box().Intersection(bounds_);
      voxels_ += box.Voxels();
      filled_.push_back(box);
      cubes_.push_back(box);
    }
  }

  void Reach(PartialBrick& brick, const BrickMask& at) {
    uint64_t any = 0;
    for (size_t i = 0; i < at.words.size(); ++i) {
      const uint64_t bits = at.words[i] & brick.open.words[i] & ~brick.filled.words[i];
      brick.pending.words[i] |= bits;
      any |= bits;
    }
    if (any == 0 || brick.waiting) return;
    brick.waiting = true;
    waiting_.push_back(&brick);
  }

  PartialBrick& BrickAt(const Cell& cell) {
    const auto [it, added] = brick_at_.try_emplace(cell.min, nullptr);
    if (!added) return *it->second;
    PartialBrick& brick = bricks_.emplace_back();
    it->second = &brick;
    brick.min = cell.min;
    brick.open = BoxMask(cell.min, bounds_);
    DenseBrick colors;
    BrickDecode(cell.brick, colors);
    for (int i = 0; i < kBrickVoxels; ++i) {
      if (!match_(colors[i])) brick.open.words[i >> 6] &= ~(uint64_t{1} << (i & 63));
    }
    return brick;
  }

  // Every voxel of `cube` is filled: enters what lies around it.
  void LeaveCube(const Box& cube) {
    for (const Coord& side : sides_) {
      Box slab = cube;
      for (int axis = 0; axis < 3; ++axis) {
        if (side[axis] == 0) continue;
        slab.min[axis] = side[axis] > 0 ? cube.max[axis] : cube.min[axis] - 1;
        slab.max[axis] = slab.min[axis] + 1;
      }
      EnterSlab(slab.Intersection(bounds_));
    }
  }

  // Cuts a slab of voxels into cells: takes the first one's part off, then goes on with what is
  // left beside it.
  void EnterSlab(const Box& slab) {
    std::vector<Box> rest{slab};
    while (!rest.empty()) {
      Box box = rest.back();
      rest.pop_back();
      if (box.empty()) continue;
      const Cell cell = volume_.CellOf(box.min);
      const Box part = box.Intersection(cell.box());
      for (int axis = 0; axis < 3; ++axis) {
        if (part.max[axis] == box.max[axis]) continue;
        Box beside = box;
        beside.min[axis] = part.max[axis];
        rest.push_back(beside);
        box.max[axis] = part.max[axis];
      }
      Enter(cell, part);
    }
  }

  void GrowBrick(PartialBrick& brick) {
    BrickMask open;
    for (size_t i = 0; i < open.words.size(); ++i) {
      open.words[i] = brick.open.words[i] & ~brick.filled.words[i];
    }
    BrickMask grown = brick.pending;
    FloodMask(open, neighbours_, grown);
    for (size_t i = 0; i < open.words.size(); ++i) brick.filled.words[i] |= grown.words[i];
    brick.pending = BrickMask();
    brick.waiting = false;
    voxels_ += grown.Count();
    for (const Coord& side : sides_) LeaveBrick(brick.min, grown, side);
  }

  void LeaveBrick(Coord min, const BrickMask& grown, Coord side) {
    Coord next = min;
    for (int axis = 0; axis < 3; ++axis) {
      if (side[axis] == 0) continue;
      const int64_t plane = int64_t{min[axis]} + (side[axis] > 0 ? kBrickSize : -1);
      if (plane < bounds_.min[axis] || plane >= bounds_.max[axis]) return;
      next[axis] += side[axis] * kBrickSize;
    }
    const BrickMask entry = CrossSide(grown, side, neighbours_);
    if (entry.None()) return;
    const Cell cell = volume_.CellOf(next);
    if (cell.brick != nullptr) {
      Reach(BrickAt(cell), entry);
    } else {
      Enter(cell, {});
    }
  }

  const Volume& volume_;
  const ColorMatch match_;
  const Neighbours neighbours_;
  const std::vector<Coord> sides_;
  const Box bounds_;
  const int64_t max_voxels_;
  const TaskContext& context_;

  int64_t voxels_ = 0;
  absl::flat_hash_set<Coord> seen_cubes_;  // by min; the cells of a volume do not overlap
  std::vector<Box> filled_;                // uniform cubes, cut to the bounds
  std::vector<Box> cubes_;           // of these, the ones whose neighbours are still to be entered
  std::deque<PartialBrick> bricks_;  // a deque: they are pointed to
  absl::flat_hash_map<Coord, PartialBrick*> brick_at_;
  std::vector<PartialBrick*> waiting_;
};

}  // namespace

absl::StatusOr<Volume> FindFlood(const Volume& volume, Coord seed, const ColorMatch& match,
                                 Neighbours neighbours, const Box& bounds, int64_t max_voxels,
                                 const TaskContext& context) {
  Flood flood(volume, match, neighbours, bounds, max_voxels, context);
  VOXEL_RETURN_IF_ERROR(flood.Run(seed));
  return flood.Draw();
}

}  // namespace voxel
