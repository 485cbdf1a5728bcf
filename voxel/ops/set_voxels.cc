#include "voxel/ops/set_voxels.h"

#include <utility>
#include <vector>

#include "voxel/base/status_macros.h"
#include "voxel/ops/brick_buckets.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

// From this many voxels on, a brick is cheaper decoded, written and encoded as a whole than set
// voxel by voxel.
constexpr size_t kWholeBrick = 96;

std::vector<Coord> Mapped(const std::vector<Coord>& positions, const Transform& to_local) {
  std::vector<Coord> mapped(positions.size());
  for (size_t i = 0; i < positions.size(); ++i) mapped[i] = to_local.Apply(positions[i]);
  return mapped;
}

class Setter {
 public:
  Setter(Mode mode, const std::optional<Box>& clip, const MaskKernel* mask, VolumeEditor& editor,
         EditCount& count)
      : mode_(mode), clip_(clip), mask_(mask), editor_(editor), count_(count) {}

  // Both write one bucket. They walk it backwards: the last entry of a voxel wins.
  void SetOneByOne(Coord min, absl::Span<const BucketEntry> entries) {
    ForEachWinner(min, entries, [&](uint32_t index, Color color) {
      const Coord at =
          min + Coord{static_cast<int32_t>(index & 15), static_cast<int32_t>(index >> 4 & 15),
                      static_cast<int32_t>(index >> 8)};
      const Color old = editor_.Get(at);
      const Color now = Blend(mode_, old, color);
      if (Changes(old, now)) editor_.Set(at, now);
    });
  }
  void SetBrick(const Volume& before, Coord min, absl::Span<const BucketEntry> entries) {
    const Cell cell = before.CellAt(min);
    if (cell.brick != nullptr) {
      BrickDecode(cell.brick, dense_);
    } else {
      dense_.fill(cell.color);
    }
    const int64_t changed = count_.changed;
    ForEachWinner(min, entries, [&](uint32_t index, Color color) {
      const Color old = std::exchange(dense_[index], Blend(mode_, dense_[index], color));
      Changes(old, dense_[index]);
    });
    if (count_.changed != changed) editor_.PutBrick(min, dense_);
  }

 private:
  // Calls fn(voxel, colour) once for each voxel of the bucket that the clip box and the mask let
  // through.
  template <typename Fn>
  void ForEachWinner(Coord min, absl::Span<const BucketEntry> entries, Fn&& fn) {
    BrickMask seen;
    BrickMask inside;
    const bool whole = LetThrough(min, inside);
    for (size_t i = entries.size(); i-- > 0;) {
      const auto [color, index] = entries[i];
      if (seen.Get(static_cast<int>(index))) continue;
      seen.Set(static_cast<int>(index));
      if (!whole && !inside.Get(static_cast<int>(index))) {
        ++count_.clipped;
        continue;
      }
      fn(index, color);
    }
  }

  // Whether clip box and mask let the whole brick through; if not, `inside` gets what they do.
  bool LetThrough(Coord min, BrickMask& inside) const {
    const bool whole = Within(min, inside);
    if (mask_ == nullptr) return whole;
    if (whole) {
      FillBrick(*mask_, min, inside);
      return false;
    }
    BrickMask matching;
    FillBrick(*mask_, min, matching);
    for (size_t i = 0; i < inside.words.size(); ++i) inside.words[i] &= matching.words[i];
    return false;
  }

  // Whether the brick lies in the clip box as a whole; if not, `inside` gets what of it does.
  bool Within(Coord min, BrickMask& inside) const {
    const Box brick{min, min + Coord{kBrickSize, kBrickSize, kBrickSize}};
    if (!clip_ || clip_->Contains(brick)) return true;
    const Box part = brick.Intersection(*clip_);
    if (part.empty()) return false;
    for (int z = part.min.z; z < part.max.z; ++z) {
      for (int y = part.min.y; y < part.max.y; ++y) {
        inside.SetRow(y - min.y, z - min.z, part.min.x - min.x, part.max.x - min.x);
      }
    }
    return false;
  }

  bool Changes(Color old, Color now) {
    ++(old == now ? count_.unchanged : count_.changed);
    return old != now;
  }

  const Mode mode_;
  const std::optional<Box>& clip_;
  const MaskKernel* const mask_;
  VolumeEditor& editor_;
  EditCount& count_;
  DenseBrick dense_;
};

}  // namespace

absl::Status ApplySetVoxels(const SetVoxels& edit, const Transform& to_local, Mode mode,
                            const std::optional<Box>& clip, const MaskKernel* mask,
                            VolumeEditor& editor, const TaskContext& context, EditCount& count) {
  std::vector<Coord> mapped;
  if (!to_local.identity()) mapped = Mapped(edit.positions, to_local);
  const BrickBuckets buckets(to_local.identity() ? edit.positions : mapped, edit.colors);
  const bool any_whole = edit.positions.size() >= kWholeBrick;
  const Volume before = any_whole ? editor.Snapshot() : Volume();
  Setter setter(mode, clip, mask, editor, count);
  for (int i = 0; i < buckets.size(); ++i) {
    VOXEL_RETURN_IF_ERROR(context.CheckMemory(editor.new_bytes()));
    if (buckets.entries(i).size() >= kWholeBrick) {
      setter.SetBrick(before, buckets.min(i), buckets.entries(i));
    } else {
      setter.SetOneByOne(buckets.min(i), buckets.entries(i));
    }
  }
  if (!ActsOutside(mode)) return absl::OkStatus();
  VolumeEditor ink{Volume()};
  ink.SetMany(to_local.identity() ? edit.positions : mapped, {&kInk, 1});
  return EraseOutside(VolumeRegion(ink.Commit()), mask, clip, editor, context, count);
}

}  // namespace voxel
