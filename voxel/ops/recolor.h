// Changing colours by what they are: the common half of all colour operations.
//
// Cost: palettes and uniform cubes are mapped as such; the voxels of a raw brick one by one.
#pragma once

#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/median_cut.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/color_edits.h"

namespace voxel {

// What becomes of colours; those it does not name stay.
using ColorMapping = absl::flat_hash_map<Color, Color>;

// Replaces each colour but air by its image within `clip` (without: everywhere). Covered are the
// voxels that are not air. `map` is pure.
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY   as VolumeEditor::MapRegion
absl::Status ApplyRecolor(absl::FunctionRef<Color(Color)> map, const std::optional<Box>& clip,
                          VolumeEditor& editor, const TaskContext& context, EditCount& count);

// How often each colour but air occurs within `clip`, most frequent first, equally frequent ones by
// their numbers. CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY.
absl::StatusOr<std::vector<WeightedColor>> CountColors(const Volume& volume,
                                                       const std::optional<Box>& clip,
                                                       const TaskContext& context);

ColorMapping MappingOf(const Remap& edit);
// Both of colours as CountColors returns them.
ColorMapping MappingOf(const Quantise& edit, std::vector<WeightedColor> colors);
// CALL_CANCELLED, DEADLINE_PASSED. Cost: colours times those that stay.
absl::StatusOr<ColorMapping> MappingOf(const MergeColors& edit,
                                       const std::vector<WeightedColor>& colors,
                                       const TaskContext& context);

}  // namespace voxel
