// A MagicaVoxel file as a document.
//
// Data flow:  bytes -> chunks -> palette, models, scene graph -> instances -> layers.
// Layers:     each instance of a model is one layer in the model's own space, [0, size); the
//             layer's transform puts it where MagicaVoxel shows it. Further instances of a model
//             are linked to the first. Animated files: the layers are the first keyframe; the graph
//             keeps the others.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/formats/format.h"

namespace voxel {

// FORMAT_CORRUPT, LIMIT_VOXELS, LIMIT_LAYERS as Format::Read; limits are met before memory is taken
// for what they count.
absl::StatusOr<ImportedFile> ReadVox(std::string_view bytes, const ImportLimits& limits,
                                     const TaskContext& context);

}  // namespace voxel
