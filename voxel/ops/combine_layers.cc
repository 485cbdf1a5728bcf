#include "voxel/ops/combine_layers.h"

#include "absl/functional/function_ref.h"
#include "voxel/base/status_macros.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/diff.h"
#include "voxel/ops/paint.h"

namespace voxel {
namespace {

using Meet = absl::FunctionRef<absl::StatusOr<Volume>(const Volume& own, const Volume& other)>;

absl::StatusOr<int64_t> InEither(const Volume& a, const Volume& b, const TaskContext& context) {
  VOXEL_ASSIGN_OR_RETURN(const Volume either,
                         CombineVolumes(a, b, Combination::kUnion, false, context));
  return either.CountVoxels();
}

// What `meet` makes of both within the clip box; around it `before` stays.
absl::StatusOr<Volume> Met(const Volume& before, const Volume& other,
                           const std::optional<Box>& clip, Meet meet, const TaskContext& context,
                           EditCount& count) {
  const Box part = clip.value_or(kWorld);
  VOXEL_ASSIGN_OR_RETURN(const Volume own_part, Within(before, part, context));
  VOXEL_ASSIGN_OR_RETURN(const Volume other_part, Within(other, part, context));
  VOXEL_ASSIGN_OR_RETURN(Volume after, meet(own_part, other_part));
  VOXEL_ASSIGN_OR_RETURN(const int64_t covered, InEither(own_part, other_part, context));
  if (clip) {
    VOXEL_ASSIGN_OR_RETURN(const Volume around, Without(before, part, context));
    VOXEL_ASSIGN_OR_RETURN(after, BlendVolumes(around, after, Mode::kReplace, 255, context));
    VOXEL_ASSIGN_OR_RETURN(const int64_t whole, InEither(before, other, context));
    count.clipped += whole - covered;
  }
  VOXEL_ASSIGN_OR_RETURN(const VolumeDiff diff, Diff(before, after, context));
  const int64_t changed = diff.total();
  count.changed += changed;
  count.unchanged += covered - changed;
  return after;
}

}  // namespace

absl::StatusOr<Volume> ApplyCombine(const Combine& op, const Volume& before, const Volume& other,
                                    const std::optional<Box>& clip, const TaskContext& context,
                                    EditCount& count) {
  const auto meet = [&](const Volume& own, const Volume& others) {
    return CombineVolumes(own, others, op.how, op.take_colors, context);
  };
  return Met(before, other, clip, meet, context, count);
}

absl::StatusOr<Volume> ApplyTakeOver(const Volume& before, const Volume& other,
                                     const std::optional<Box>& clip, const TaskContext& context,
                                     EditCount& count) {
  const auto meet = [](const Volume&, const Volume& others) -> absl::StatusOr<Volume> {
    return others;
  };
  return Met(before, other, clip, meet, context, count);
}

}  // namespace voxel
