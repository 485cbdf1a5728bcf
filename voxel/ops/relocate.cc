#include "voxel/ops/relocate.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/diff.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/far_transform.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/rest_of_budget.h"
#include "voxel/ops/shape_region.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

class Relocator {
 public:
  Relocator(const Volume& before, const Relocation& edit, const Box& target, Mode mode,
            const std::optional<Box>& clip, const TaskContext& context)
      : before_(before),
        edit_(edit),
        mode_(mode),
        clip_(clip),
        clip_box_(clip.value_or(kWorld)),
        context_(context),
        target_(target),
        erases_(mode == Mode::kReplace && !edit.skip_empty),
        shares_(edit.map.rotation == Rotation() && OnBricks(edit.map.offset) &&
                OnBricks(edit.step)) {}

  absl::StatusOr<Volume> Run(const Volume& from, EditCount& count) const {
    VOXEL_ASSIGN_OR_RETURN(const Volume stamp, Stamp(from));
    const RestOfBudget rest(context_, OwnBytes(stamp));
    const Relocator next(before_, edit_, target_, mode_, clip_, rest.context());
    absl::StatusOr<Volume> after = next.LayDown(stamp, count);
    if (!after.ok()) return rest.OfWhole(after.status());
    return after;
  }

  absl::StatusOr<Volume> LayDown(const Volume& stamp, EditCount& count) const {
    VOXEL_ASSIGN_OR_RETURN(const Volume clipped, Within(stamp, clip_box_, context_));
    VOXEL_ASSIGN_OR_RETURN(Volume after, Erased());
    VOXEL_ASSIGN_OR_RETURN(after, Blended(after, clipped));
    VOXEL_RETURN_IF_ERROR(Count(stamp, clipped, after, count));
    return after;
  }

 private:
  static bool OnBricks(Coord by) { return ((by.x | by.y | by.z) & (kBrickSize - 1)) == 0; }
  // What a volume of copies takes for itself.
  int64_t OwnBytes(const Volume& copies) const { return shares_ ? 0 : copies.Bytes(); }

  Box Target(uint32_t copy) const {
    const auto times = static_cast<int32_t>(copy);
    const Coord by{edit_.step.x * times, edit_.step.y * times, edit_.step.z * times};
    return {target_.min + by, target_.max + by};
  }

  // All copies, where they land.
  absl::StatusOr<Volume> Stamp(const Volume& from) const {
    VOXEL_ASSIGN_OR_RETURN(Volume cut, Within(from, edit_.source, context_));
    VOXEL_ASSIGN_OR_RETURN(const Volume first, FarTransform(cut, edit_.map, context_));
    if (!erases_ || !CopiesOverlap()) return Row(first, edit_.count);
    Volume all = first;
    for (uint32_t i = 1; i < edit_.count; ++i) {
      VOXEL_RETURN_IF_ERROR(context_.Check());
      VOXEL_ASSIGN_OR_RETURN(all, Without(all, Target(i), context_));
      VOXEL_ASSIGN_OR_RETURN(all, Over(all, first, i));
    }
    return all;
  }

  // That many copies from the first on, none of which erases another: half a row over the other.
  absl::StatusOr<Volume> Row(const Volume& first, uint32_t copies) const {
    if (copies == 1) return first;
    VOXEL_RETURN_IF_ERROR(context_.Check());
    VOXEL_ASSIGN_OR_RETURN(const Volume half, Row(first, copies / 2));
    VOXEL_ASSIGN_OR_RETURN(Volume row, Over(half, half, copies / 2));
    if (copies % 2 == 1) {
      VOXEL_ASSIGN_OR_RETURN(row, Over(row, first, copies - 1));
    }
    return row;
  }

  // `copy`, moved as far as copy `by`, over `row`.
  absl::StatusOr<Volume> Over(const Volume& row, const Volume& copy, uint32_t by) const {
    const Transform shift{Rotation(), Target(by).min - target_.min};
    const int64_t held = OwnBytes(row) + (copy.SharesRoot(row) ? 0 : OwnBytes(copy));
    const RestOfBudget rest(context_, held);
    const absl::StatusOr<Volume> moved = TransformVolume(copy, shift, rest.context());
    if (!moved.ok()) return rest.OfWhole(moved.status());
    const RestOfBudget last(context_, held + OwnBytes(*moved));
    absl::StatusOr<Volume> both = BlendVolumes(row, *moved, Mode::kReplace, 255, last.context());
    if (!both.ok()) return last.OfWhole(both.status());
    return both;
  }

  // What is there before the stamp falls on it.
  absl::StatusOr<Volume> Erased() const {
    Volume volume = before_;
    if (edit_.vacate) {
      VOXEL_ASSIGN_OR_RETURN(volume,
                             Without(volume, edit_.source.Intersection(clip_box_), context_));
    }
    if (erases_ && IsOneBox())
      return Without(volume, AllTargets().Intersection(clip_box_), context_);
    for (uint32_t i = 0; erases_ && i < edit_.count; ++i) {
      VOXEL_RETURN_IF_ERROR(context_.Check());
      VOXEL_ASSIGN_OR_RETURN(volume, Without(volume, Target(i).Intersection(clip_box_), context_));
    }
    return volume;
  }

  absl::StatusOr<Volume> Blended(const Volume& bottom, const Volume& stamp) const {
    if (!ActsOutside(mode_) || !clip_) return BlendVolumes(bottom, stamp, mode_, 255, context_);
    // Such a mode erases where the stamp is air, which must end at the clip box.
    VOXEL_ASSIGN_OR_RETURN(const Volume inside, Within(bottom, clip_box_, context_));
    VOXEL_ASSIGN_OR_RETURN(const Volume outside, Without(bottom, clip_box_, context_));
    VOXEL_ASSIGN_OR_RETURN(const Volume blended, BlendVolumes(inside, stamp, mode_, 255, context_));
    return BlendVolumes(outside, blended, Mode::kReplace, 255, context_);
  }

  absl::Status Count(const Volume& stamp, const Volume& clipped, const Volume& after,
                     EditCount& count) const {
    VOXEL_ASSIGN_OR_RETURN(const VolumeDiff diff, Diff(before_, after, context_));
    const int64_t changed = diff.total();
    int64_t changed_covered = changed;
    if (ActsOutside(mode_)) {
      const VolumeRegion painted(clipped);
      VOXEL_ASSIGN_OR_RETURN(const Volume old_part, Within(before_, painted, context_));
      VOXEL_ASSIGN_OR_RETURN(const Volume new_part, Within(after, painted, context_));
      VOXEL_ASSIGN_OR_RETURN(const VolumeDiff part, Diff(old_part, new_part, context_));
      changed_covered = part.total();
    }
    VOXEL_ASSIGN_OR_RETURN(const int64_t covered, Covered(clipped, clip_box_));
    int64_t whole = covered;
    if (clip_) {
      VOXEL_ASSIGN_OR_RETURN(whole, Covered(stamp, kWorld));
    }
    count.changed += changed;
    count.unchanged += covered - changed_covered;
    count.clipped += whole - covered;
    return absl::OkStatus();
  }

  // The voxels within `part` that the edit is about; `stamp` is cut to `part` already.
  absl::StatusOr<int64_t> Covered(const Volume& stamp, const Box& part) const {
    if (edit_.whole) {
      VOXEL_ASSIGN_OR_RETURN(const Volume left, Within(before_, part, context_));
      VOXEL_ASSIGN_OR_RETURN(const Volume either,
                             CombineVolumes(left, stamp, Combination::kUnion, false, context_));
      return either.CountVoxels();
    }
    const Box vacated = edit_.vacate ? edit_.source.Intersection(part) : Box();
    if (!erases_) {
      VOXEL_ASSIGN_OR_RETURN(const int64_t common, VolumeRegion(stamp).Count(vacated, context_));
      return stamp.CountVoxels() + vacated.Voxels() - common;
    }
    if (edit_.count > 1 && IsOneBox()) return AllTargets().Intersection(part).Voxels();
    if (edit_.count > 1 && CopiesOverlap()) return CoveredByOverlapping(part);
    int64_t covered = vacated.Voxels();
    for (uint32_t i = 0; i < edit_.count; ++i) {
      const Box target = Target(i).Intersection(part);
      covered += target.Voxels() - target.Intersection(vacated).Voxels();
    }
    return covered;
  }

  Box AllTargets() const { return Target(0).Union(Target(edit_.count - 1)); }

  // Whether the copies leave nothing out between the first and the last.
  bool IsOneBox() const {
    int ways = 0;
    for (int i = 0; i < 3; ++i) {
      ways += edit_.step[i] != 0 ? 1 : 0;
      if (std::abs(int64_t{edit_.step[i]}) > target_.Size(i)) return false;
    }
    return ways <= 1;
  }

  bool CopiesOverlap() const {
    for (int i = 0; i < 3; ++i) {
      if (std::abs(int64_t{edit_.step[i]}) >= target_.Size(i)) return false;
    }
    return true;
  }

  absl::StatusOr<int64_t> CoveredByOverlapping(const Box& part) const {
    VolumeEditor ink{Volume()};
    for (uint32_t i = 0; i < edit_.count; ++i) {
      EditCount unused;
      const Box target = Target(i).Intersection(part);
      if (target.empty()) continue;
      const ShapeRegion region{BoxShape(target)};
      VOXEL_RETURN_IF_ERROR(
          PaintRegion(region, Mode::kReplace, kInk, std::nullopt, ink, context_, unused));
    }
    return ink.Commit().CountVoxels();
  }

  const Volume& before_;
  const Relocation& edit_;
  const Mode mode_;
  const std::optional<Box>& clip_;
  const Box clip_box_;
  const TaskContext& context_;
  const Box target_;   // of the first copy
  const bool erases_;  // air of the source erases
  const bool shares_;  // copies are made of the source's bricks
};

}  // namespace

absl::StatusOr<Volume> Relocate(const Volume& from, const Volume& before, const Relocation& edit,
                                Mode mode, const std::optional<Box>& clip,
                                const TaskContext& context, EditCount& count) {
  const Box target = edit.map.Apply(edit.source);
  return Relocator(before, edit, target, mode, clip, context).Run(from, count);
}

absl::StatusOr<Volume> LayDown(const Volume& stamp, const Box& target, const Volume& before,
                               const Relocation& edit, Mode mode, const std::optional<Box>& clip,
                               const TaskContext& context, EditCount& count) {
  return Relocator(before, edit, target, mode, clip, context).LayDown(stamp, count);
}

}  // namespace voxel
