#include "voxel/ops/runs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "voxel/base/status_macros.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/shape_region.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

constexpr size_t kPiecesBetweenChecks = 4096;

constexpr size_t kNone = ~size_t{0};

// What of a run lies in one brick.
struct Piece {
  size_t before = kNone;  // the piece of an earlier run in the same brick
  uint32_t run = 0;
  uint16_t start = 0;  // index in the brick
  uint16_t step = 1;   // from one voxel to the next: 1, 16 or 256
  uint16_t count = 0;
};

int LongAxis(const Box& run) {
  for (const int axis : {1, 2}) {
    if (run.Size(axis) > 1) return axis;
  }
  return 0;
}

// The runs cut into pieces, brick by brick.
class Pieces {
 public:
  struct Place {
    Coord min;
    size_t last = kNone;  // piece; the others by Piece::before
  };

  // CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY.
  absl::Status Cut(absl::Span<const Box> runs, const TaskContext& context) {
    size_t count = 0;
    for (const Box& run : runs) {
      const int axis = LongAxis(run);
      count += static_cast<size_t>(((run.max[axis] - 1) >> kBrickBits) -
                                   (run.min[axis] >> kBrickBits) + 1);
    }
    VOXEL_RETURN_IF_ERROR(context.CheckMemory(static_cast<int64_t>(count * sizeof(Piece))));
    pieces_.reserve(count);
    for (size_t i = 0; i < runs.size(); ++i) {
      VOXEL_RETURN_IF_ERROR(CutOne(runs[i], static_cast<uint32_t>(i), context));
    }
    return absl::OkStatus();
  }

  // In the order of their first pieces.
  const std::vector<Place>& bricks() const { return bricks_; }
  const Piece& operator[](size_t i) const { return pieces_[i]; }

 private:
  absl::Status CutOne(const Box& run, uint32_t number, const TaskContext& context) {
    const int axis = LongAxis(run);
    for (Coord at = run.min; at[axis] < run.max[axis];) {
      Coord inside;
      Coord min;
      for (int k = 0; k < 3; ++k) {
        inside[k] = at[k] & (kBrickSize - 1);
        min[k] = at[k] - inside[k];
      }
      Piece piece;
      piece.run = number;
      piece.start = static_cast<uint16_t>(BrickIndex(inside.x, inside.y, inside.z));
      piece.step = static_cast<uint16_t>(1 << (kBrickBits * axis));
      piece.count =
          static_cast<uint16_t>(std::min(kBrickSize - inside[axis], run.max[axis] - at[axis]));
      at[axis] += piece.count;
      const auto [it, added] = brick_of_.try_emplace(min, bricks_.size());
      if (added) bricks_.push_back({min, kNone});
      piece.before = std::exchange(bricks_[it->second].last, pieces_.size());
      pieces_.push_back(piece);
      if (pieces_.size() % kPiecesBetweenChecks == 0) VOXEL_RETURN_IF_ERROR(context.Check());
    }
    return absl::OkStatus();
  }

  std::vector<Piece> pieces_;
  std::vector<Place> bricks_;
  absl::flat_hash_map<Coord, size_t> brick_of_;
};

// One brick while its pieces are written.
class BrickWriter {
 public:
  BrickWriter(Coord min, const Cell& before, const std::optional<Box>& clip) : min_(min) {
    if (before.brick != nullptr) {
      BrickDecode(before.brick, colors_);
    } else {
      colors_.fill(before.color);
    }
    if (clip && !clip->empty()) {
      ShapeRegion(BoxShape(*clip)).Mask(min, inside_);
    } else if (!clip) {
      inside_.words.fill(~uint64_t{0});
    }
  }

  void Write(const Piece& piece, Mode mode, Color color, EditCount& count) {
    int index = piece.start;
    for (int i = 0; i < piece.count; ++i, index += piece.step) {
      if (seen_.Get(index)) continue;
      seen_.Set(index);
      if (!inside_.Get(index)) {
        ++count.clipped;
        continue;
      }
      const Color now = Blend(mode, colors_[index], color);
      ++(now == colors_[index] ? count.unchanged : count.changed);
      changed_ = changed_ || now != colors_[index];
      colors_[index] = now;
    }
  }

  // Puts the brick, and its covered voxels in ink if that is asked for.
  void Finish(VolumeEditor& editor, VolumeEditor* ink) const {
    if (changed_) editor.PutBrick(min_, colors_);
    if (ink == nullptr) return;
    DenseBrick covered;
    for (int i = 0; i < kBrickVoxels; ++i) covered[i] = seen_.Get(i) ? kInk : kAir;
    ink->PutBrick(min_, covered);
  }

 private:
  Coord min_;
  DenseBrick colors_;
  BrickMask inside_;  // the clip box
  BrickMask seen_;    // written by a later run
  bool changed_ = false;
};

}  // namespace

absl::Status ApplyRuns(absl::Span<const Box> runs, absl::Span<const Color> colors, Mode mode,
                       const std::optional<Box>& clip, VolumeEditor& editor,
                       const TaskContext& context, EditCount& count) {
  Pieces pieces;
  VOXEL_RETURN_IF_ERROR(pieces.Cut(runs, context));
  const Volume before = editor.Snapshot();
  VolumeEditor ink{Volume()};
  for (const auto& [min, last] : pieces.bricks()) {
    VOXEL_RETURN_IF_ERROR(context.CheckMemory(editor.new_bytes() + ink.new_bytes()));
    BrickWriter brick(min, before.CellAt(min), clip);
    for (size_t i = last; i != kNone; i = pieces[i].before) {  // later runs first
      brick.Write(pieces[i], mode, colors[colors.size() == 1 ? 0 : pieces[i].run], count);
    }
    brick.Finish(editor, ActsOutside(mode) ? &ink : nullptr);
  }
  if (!ActsOutside(mode)) return absl::OkStatus();
  return EraseOutside(VolumeRegion(ink.Commit()), nullptr, clip, editor, context, count);
}

}  // namespace voxel
