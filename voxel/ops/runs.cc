#include "voxel/ops/runs.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "voxel/base/status_macros.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/shape_region.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

constexpr size_t kPiecesBetweenChecks = 4096;

// What of a run lies in one brick.
struct Piece {
  Coord brick;
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

// Cuts the runs into pieces, brick by brick, of each brick the last run first.
absl::StatusOr<std::vector<Piece>> PiecesOf(absl::Span<const Box> runs,
                                            const TaskContext& context) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < runs.size(); ++i) {
    const int axis = LongAxis(runs[i]);
    for (Coord at = runs[i].min; at[axis] < runs[i].max[axis];) {
      Coord inside;
      Piece piece;
      for (int k = 0; k < 3; ++k) {
        inside[k] = at[k] & (kBrickSize - 1);
        piece.brick[k] = at[k] - inside[k];
      }
      piece.run = static_cast<uint32_t>(i);
      piece.start = static_cast<uint16_t>(BrickIndex(inside.x, inside.y, inside.z));
      piece.step = static_cast<uint16_t>(1 << (kBrickBits * axis));
      piece.count =
          static_cast<uint16_t>(std::min(kBrickSize - inside[axis], runs[i].max[axis] - at[axis]));
      at[axis] += piece.count;
      pieces.push_back(piece);
      if (pieces.size() % kPiecesBetweenChecks == 0) {
        VOXEL_RETURN_IF_ERROR(
            context.CheckMemory(static_cast<int64_t>(pieces.size() * sizeof(Piece))));
      }
    }
  }
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    return std::tie(a.brick, b.run) < std::tie(b.brick, a.run);
  });
  return pieces;
}

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
  VOXEL_ASSIGN_OR_RETURN(const std::vector<Piece> pieces, PiecesOf(runs, context));
  const Volume before = editor.Snapshot();
  VolumeEditor ink{Volume()};
  for (size_t i = 0; i < pieces.size();) {
    VOXEL_RETURN_IF_ERROR(context.CheckMemory(editor.new_bytes() + ink.new_bytes()));
    const Coord min = pieces[i].brick;
    BrickWriter brick(min, before.CellAt(min), clip);
    for (; i < pieces.size() && pieces[i].brick == min; ++i) {
      brick.Write(pieces[i], mode, colors[colors.size() == 1 ? 0 : pieces[i].run], count);
    }
    brick.Finish(editor, ActsOutside(mode) ? &ink : nullptr);
  }
  if (!ActsOutside(mode)) return absl::OkStatus();
  return EraseOutside(VolumeRegion(ink.Commit()), nullptr, clip, editor, context, count);
}

}  // namespace voxel
