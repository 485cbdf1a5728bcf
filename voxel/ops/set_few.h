// The edit that comes most often, by a short way: a few voxels of a layer, set as they are.
#pragma once

#include <optional>
#include <string_view>

#include "absl/types/span.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/document.h"
#include "voxel/grid/set_places.h"
#include "voxel/ops/apply.h"

namespace voxel {

struct FewSet {
  RefPtr<const Document> document;  // the same object as before if nothing changed
  EditCount count;
  // What comparing both documents would find: the layer that changed, where, and
  // before.BytesNotIn(after).
  int layer = 0;
  Box bounds;
  int64_t let_go_bytes = 0;
};

// What ApplyEdits does of one SetVoxels edit without mode, clip box, mask and pattern. Nothing if
// the edit is not of the kind that has the short way, or has an error: ApplyEdits then says what.
// Of that kind are up to kMostPlaces positions of a layer that is not moved or turned, and that no
// other layer is linked to. REQUIRES: normalized colours.
std::optional<FewSet> TrySetFew(const Document& document, std::string_view layer,
                                absl::Span<const Coord> positions, absl::Span<const Color> colors,
                                const TaskContext& context);

}  // namespace voxel
