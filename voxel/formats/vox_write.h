// A document as a MagicaVoxel file.
//
// Data flow:  document -> scene plan (nodes, models) -> colour table -> bytes.
// Identity:   import, export, import gives the same voxels, names, groups, placements, palette
//             order and materials, and exporting what was just imported from an export gives the
//             same bytes.
#pragma once

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/formats/format.h"

namespace voxel {

// FORMAT_UNSUPPORTED, LIMIT_LAYERS as PlanVoxScene; LIMIT_BYTES if the file would pass 2 GiB;
// CALL_CANCELLED, DEADLINE_PASSED.
absl::StatusOr<ExportResult> WriteVox(const Document& document, const ExportOptions& options,
                                      const TaskContext& context);

}  // namespace voxel
