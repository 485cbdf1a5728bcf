#include "voxel/ops/set_algebra.h"

#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/neighbourhood.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/recolor.h"
#include "voxel/ops/shape_region.h"

namespace voxel {
namespace {

// Ink blends as sets do: its alpha is all or nothing.
constexpr Mode kUnion = Mode::kMax;
constexpr Mode kIntersection = Mode::kIntersect;
constexpr Mode kDifference = Mode::kSub;

absl::StatusOr<Volume> Combined(const Volume& a, Mode mode, const Volume& b,
                                const TaskContext& context) {
  return BlendVolumes(a, b, mode, 255, context);
}

}  // namespace

VoxelSet Complement(VoxelSet set) {
  set.complement = !set.complement;
  return set;
}

absl::StatusOr<VoxelSet> Intersection(const VoxelSet& a, const VoxelSet& b,
                                      const TaskContext& context) {
  VoxelSet out;
  out.complement = a.complement && b.complement;
  if (out.complement) {
    VOXEL_ASSIGN_OR_RETURN(out.ink, Combined(a.ink, kUnion, b.ink, context));
  } else if (a.complement) {
    VOXEL_ASSIGN_OR_RETURN(out.ink, Combined(b.ink, kDifference, a.ink, context));
  } else {
    const Mode mode = b.complement ? kDifference : kIntersection;
    VOXEL_ASSIGN_OR_RETURN(out.ink, Combined(a.ink, mode, b.ink, context));
  }
  return out;
}

absl::StatusOr<VoxelSet> Union(const VoxelSet& a, const VoxelSet& b, const TaskContext& context) {
  VOXEL_ASSIGN_OR_RETURN(VoxelSet neither, Intersection(Complement(a), Complement(b), context));
  return Complement(std::move(neither));
}

absl::StatusOr<VoxelSet> Difference(const VoxelSet& a, const VoxelSet& b,
                                    const TaskContext& context) {
  return Intersection(a, Complement(b), context);
}

absl::StatusOr<VoxelSet> SymmetricDifference(const VoxelSet& a, const VoxelSet& b,
                                             const TaskContext& context) {
  VOXEL_ASSIGN_OR_RETURN(const Volume only_a, Combined(a.ink, kDifference, b.ink, context));
  VOXEL_ASSIGN_OR_RETURN(const Volume only_b, Combined(b.ink, kDifference, a.ink, context));
  VoxelSet out;
  VOXEL_ASSIGN_OR_RETURN(out.ink, Combined(only_a, kUnion, only_b, context));
  out.complement = a.complement != b.complement;
  return out;
}

absl::StatusOr<VoxelSet> Grow(VoxelSet set, uint32_t steps, Neighbours neighbours,
                              const TaskContext& context) {
  for (uint32_t i = 0; i < steps && !set.ink.empty(); ++i) {
    if (set.complement) {
      VOXEL_ASSIGN_OR_RETURN(set.ink, Shrunk(set.ink, neighbours, Beyond::kInside, context));
    } else {
      VOXEL_ASSIGN_OR_RETURN(set.ink, Grown(set.ink, neighbours, context));
    }
  }
  return set;
}

absl::StatusOr<VoxelSet> Shrink(VoxelSet set, uint32_t steps, Neighbours neighbours,
                                const TaskContext& context) {
  VOXEL_ASSIGN_OR_RETURN(VoxelSet gone,
                         Grow(Complement(std::move(set)), steps, neighbours, context));
  return Complement(std::move(gone));
}

absl::StatusOr<Volume> InkOf(const Volume& volume, absl::FunctionRef<bool(Color)> matches,
                             const TaskContext& context) {
  VolumeEditor editor(volume);
  EditCount unused;
  const auto ink = [matches](Color color) { return matches(color) ? kInk : kAir; };
  VOXEL_RETURN_IF_ERROR(ApplyRecolor(ink, std::nullopt, editor, context, unused));
  return editor.Commit();
}

absl::StatusOr<Volume> InkBox(const Box& box, const TaskContext& context) {
  VolumeEditor editor{Volume()};
  EditCount unused;
  const ShapeRegion region{BoxShape(box)};
  VOXEL_RETURN_IF_ERROR(
      PaintRegion(region, Mode::kReplace, kInk, std::nullopt, editor, context, unused));
  return editor.Commit();
}

}  // namespace voxel
