#include "voxel/ops/three_way.h"

#include <algorithm>

#include "voxel/base/status_macros.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/shape_region.h"

namespace voxel {
namespace {

// Gives voxels of a cube another colour: those of one colour, or all.
class RecolorKernel final : public RegionKernel {
 public:
  RecolorKernel(const Box& cube, Color from, Color to, bool all)
      : region_(BoxShape(cube)), from_(from), to_(to), all_(all) {}

  Coverage Classify(const Box& cube) const override { return region_.Classify(cube); }
  void Mask(Coord min, BrickMask& mask) const override { region_.Mask(min, mask); }
  void MapInside(Color* colors, int n) const override {
    if (all_) {
      std::fill(colors, colors + n, to_);
    } else {
      std::replace(colors, colors + n, from_, to_);
    }
  }

 private:
  ShapeRegion<BoxShape> region_;
  Color from_;
  Color to_;
  bool all_;
};

void Decode(const Cell& cell, DenseBrick& out) {
  if (cell.brick != nullptr) {
    BrickDecode(cell.brick, out);
  } else {
    out.fill(cell.color);
  }
}

bool Same(const Cell& a, const Cell& b) {
  return a.brick == b.brick && (a.brick != nullptr || a.color == b.color);
}

// How many voxels of a cube of the tree have that colour.
int64_t CountColor(const Volume& volume, const Box& cube, Color wanted) {
  int64_t found = 0;
  int64_t solid = 0;
  volume.ForEachCell(cube, [&](const Cell& cell) {
    const int64_t voxels = cell.box().Intersection(cube).Voxels();
    if (cell.brick == nullptr) {
      solid += voxels;
      if (cell.color == wanted) found += voxels;
    } else {
      BrickForEachColor(cell.brick, [&](Color color, int n) {
        solid += n;
        if (color == wanted) found += n;
      });
    }
    return true;
  });
  return wanted == kAir ? cube.Voxels() - solid : found;
}

class Merger {
 public:
  Merger(const Volume& ours, Prefer prefer, const TaskContext& context, ThreeWayCount& count)
      : ours_(ours), prefer_(prefer), context_(context), count_(count), editor_(ours) {}

  absl::StatusOr<Volume> Run(const Volume& base, const Volume& theirs) {
    absl::Status status;
    ForEachChangedCell(base, theirs, kWorld, [&](const Cell& b, const Cell& t) {
      status = context_.CheckMemory(editor_.new_bytes());
      if (!status.ok()) return false;
      if (b.brick == nullptr && t.brick == nullptr) {
        status = MergeCube(b.box(), b.color, t.color);
      } else {
        MergeBrick(b, t);
      }
      return status.ok();
    });
    if (!status.ok()) return status;
    return editor_.Commit();
  }

 private:
  // A cube that changed from one colour to another.
  absl::Status MergeCube(const Box& cube, Color base, Color theirs) {
    const int64_t taken = CountColor(ours_, cube, base);
    const int64_t same = CountColor(ours_, cube, theirs);
    count_.taken += taken;
    count_.same += same;
    count_.conflicts += cube.Voxels() - taken - same;
    MapCount count;
    const RecolorKernel kernel(cube, base, theirs, prefer_ == Prefer::kTheirs);
    return editor_.MapRegion(cube, kernel, context_, count);
  }

  void MergeBrick(const Cell& base, const Cell& theirs) {
    const Cell ours = ours_.CellAt(base.min);
    Decode(base, base_);
    Decode(theirs, theirs_);
    Decode(ours, ours_brick_);
    ThreeWayCount here;
    for (int i = 0; i < kBrickVoxels; ++i) {
      if (base_[i] == theirs_[i]) continue;
      Color& color = ours_brick_[i];
      const bool take = color == base_[i];
      const bool agree = color == theirs_[i];
      here.taken += take ? 1 : 0;
      here.same += agree ? 1 : 0;
      here.conflicts += take || agree ? 0 : 1;
      if (take || prefer_ == Prefer::kTheirs) color = theirs_[i];
    }
    count_.taken += here.taken;
    count_.same += here.same;
    count_.conflicts += here.conflicts;
    if (Same(ours, base) && theirs.brick != nullptr) {
      editor_.ShareBrick(base.min, theirs.brick);  // nobody has been here: their brick itself
    } else if (here.taken > 0 || (here.conflicts > 0 && prefer_ == Prefer::kTheirs)) {
      editor_.PutBrick(base.min, ours_brick_);
    }
  }

  const Volume& ours_;
  const Prefer prefer_;
  const TaskContext& context_;
  ThreeWayCount& count_;
  VolumeEditor editor_;
  DenseBrick base_;
  DenseBrick theirs_;
  DenseBrick ours_brick_;
};

}  // namespace

absl::StatusOr<Volume> MergeVolumes(const Volume& base, const Volume& ours, const Volume& theirs,
                                    Prefer prefer, const TaskContext& context,
                                    ThreeWayCount& count) {
  VOXEL_RETURN_IF_ERROR(context.Check());
  if (base.SharesRoot(theirs)) return ours;
  if (base.SharesRoot(ours)) {
    count.taken += Diff(base, theirs).total();
    return theirs;
  }
  if (ours.SharesRoot(theirs)) {
    count.same += Diff(base, theirs).total();
    return ours;
  }
  return Merger(ours, prefer, context, count).Run(base, theirs);
}

}  // namespace voxel
