// Takes what a branch of a document changed into another one: a three-way merge of everything that
// a document holds.
//
// Voxels:   of layers of the same id, one by one, in the layer's own space. A linked layer has no
//           voxels of its own; it follows its original.
// Settings: field by field; labels, palette entries, materials and cameras one by one.
// Layers:   what the branch added or removed is added or removed here, unless this side changed
//           what the branch removed, or removed what it changed. The order of the stack is merged
//           as a whole.
// Conflict: both changed the same thing since the base, and not to the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/document.h"

namespace voxel {

// What wins a conflict; kFail: nobody, there must be none.
enum class MergePolicy : uint8_t { kFail, kOurs, kTheirs };

struct MergeConflict {
  // "voxels"; "layer": one side removed what the other changed; else a setting: "opacity", "order",
  // "palette[3]", "camera door"
  std::string what;
  std::string layer;   // if it is about one
  int64_t voxels = 0;  // in how many voxels
  Box bounds;          // of those, in the world
};

struct DocumentMerge {
  RefPtr<const Document> document;  // `ours` itself if nothing changes
  int64_t taken = 0;                // voxels that become the branch's
  int64_t same = 0;                 // voxels that both changed to the same
  int64_t conflicting_voxels = 0;
  std::vector<MergeConflict> conflicts;
};

// Merges what changed from `base` to `theirs` into `ours`.
//   MERGE_CONFLICT  policy kFail, and there is a conflict; the facts "conflicts" and "voxels" count
//   LAYER_LOCKED    voxels of a layer that is locked in `ours` would change, or it would go
//   LAST_LAYER      no layer would be left
//   CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY
absl::StatusOr<DocumentMerge> MergeDocuments(const Document& base, RefPtr<const Document> ours,
                                             const Document& theirs, MergePolicy policy,
                                             const TaskContext& context);

}  // namespace voxel
