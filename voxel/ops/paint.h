// Painting a region in a colour or a pattern: what all shapes, lines and floods end in.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/color.h"
#include "voxel/grid/mode.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/mask_kernel.h"
#include "voxel/ops/pattern_kernel.h"
#include "voxel/ops/region.h"

namespace voxel {

// What a region is painted with, and on which of its voxels.
struct Brush {
  Mode mode = Mode::kReplace;
  Color color = kAir;
  const PatternKernel* pattern = nullptr;  // instead of the colour
  const MaskKernel* mask = nullptr;        // null: on all
};

// Blends the brush's paint onto the voxels of `region` within `clip` (without: everywhere) that its
// mask lets through, and adds to `count`. The intersect modes also erase what lies outside the
// region, within `clip` or else the whole volume, where the mask lets through.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY   as VolumeEditor::MapRegion
absl::Status PaintRegion(const Region& region, const Brush& brush, const std::optional<Box>& clip,
                         VolumeEditor& editor, const TaskContext& context, EditCount& count);
absl::Status PaintRegion(const Region& region, Mode mode, Color color,
                         const std::optional<Box>& clip, VolumeEditor& editor,
                         const TaskContext& context, EditCount& count);

// The second half of the intersect modes alone: erases outside `region`, where `mask` (null:
// everywhere) lets through. Adds the erased voxels to `count.changed`.
absl::Status EraseOutside(const Region& region, const MaskKernel* mask,
                          const std::optional<Box>& clip, VolumeEditor& editor,
                          const TaskContext& context, EditCount& count);

// `volume` with the voxels inside (outside) `box` made air. Cost: the surface of the box.
absl::StatusOr<Volume> Without(const Volume& volume, const Box& box, const TaskContext& context);
absl::StatusOr<Volume> Within(const Volume& volume, const Box& box, const TaskContext& context);
// `volume` with what lies outside `region` made air.
absl::StatusOr<Volume> Within(const Volume& volume, const Region& region,
                              const TaskContext& context);

}  // namespace voxel
