#include "voxel/ops/shells.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/edit_check.h"
#include "voxel/ops/flood.h"
#include "voxel/ops/neighbourhood.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/shape_region.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

absl::Status Erase(const Volume& gone, VolumeEditor& editor, const TaskContext& context) {
  EditCount unused;
  return PaintRegion(VolumeRegion(gone), Mode::kReplace, kAir, std::nullopt, editor, context,
                     unused);
}

// The voxels of `volume` that `gone` does not have.
absl::StatusOr<Volume> Difference(const Volume& volume, const Volume& gone,
                                  const TaskContext& context) {
  VolumeEditor editor(volume);
  VOXEL_RETURN_IF_ERROR(Erase(gone, editor, context));
  return editor.Commit();
}

absl::StatusOr<Volume> ShrunkBy(uint32_t steps, const Volume& volume, Neighbours neighbours,
                                const TaskContext& context) {
  Volume core = volume;
  for (uint32_t i = 0; i < steps && !core.empty(); ++i) {
    VOXEL_ASSIGN_OR_RETURN(core, Shrunk(core, neighbours, Beyond::kOutside, context));
  }
  return core;
}

// The empty voxels that are connected with what lies beyond the bounds.
absl::StatusOr<Volume> FindOutside(const Volume& volume, const Box& world,
                                   const TaskContext& context) {
  // One voxel more on each side, where the world has one: there everything is empty and connected.
  Box reach = volume.Bounds();
  Coord seed = reach.min;
  for (int axis = 0; axis < 3; ++axis) {
    if (reach.max[axis] < world.max[axis]) seed[axis] = reach.max[axis]++;
    if (reach.min[axis] > world.min[axis]) seed[axis] = --reach.min[axis];
  }
  return FindFlood(volume, seed, ColorMatch(kAir, 0), Neighbours::kFaces, reach, reach.Voxels(),
                   context);
}

}  // namespace

absl::StatusOr<Volume> FindOutline(const Volume& volume, const Outline& edit, const Box& world,
                                   const TaskContext& context) {
  if (edit.inside) {
    VOXEL_ASSIGN_OR_RETURN(const Volume core,
                           ShrunkBy(edit.thickness, volume, edit.neighbours, context));
    return Difference(volume, core, context);
  }
  Volume grown = volume;
  for (uint32_t i = 0; i < edit.thickness; ++i) {
    VOXEL_ASSIGN_OR_RETURN(grown, Grown(grown, edit.neighbours, context));
    VOXEL_ASSIGN_OR_RETURN(grown, Within(grown, world, context));
  }
  return Difference(grown, volume, context);
}

absl::StatusOr<Volume> FindCore(const Volume& volume, const HollowOut& edit,
                                const TaskContext& context) {
  return ShrunkBy(edit.thickness, volume, Neighbours::kFaces, context);
}

absl::StatusOr<Volume> FindVoids(const Volume& volume, const Box& world,
                                 const TaskContext& context) {
  const Box bounds = volume.Bounds();
  if (bounds.empty()) return Volume();
  const int64_t most = std::min(context.max_voxels, kMostVoxels);
  if (bounds.Voxels() > most) {
    return Error(Reason::LIMIT_VOXELS,
                 absl::StrCat("the layer's bounds hold more than ", most,
                              " voxels, which is the most that can be searched for voids"));
  }
  VOXEL_ASSIGN_OR_RETURN(const Volume outside, FindOutside(volume, world, context));
  VolumeEditor editor{Volume()};
  EditCount unused;
  const ShapeRegion all{BoxShape(bounds)};
  VOXEL_RETURN_IF_ERROR(
      PaintRegion(all, Mode::kReplace, kInk, std::nullopt, editor, context, unused));
  VOXEL_RETURN_IF_ERROR(Erase(outside, editor, context));
  VOXEL_RETURN_IF_ERROR(Erase(volume, editor, context));
  return editor.Commit();
}

}  // namespace voxel
