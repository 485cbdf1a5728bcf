// The layers that an edit names. Private to voxel/ops.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "voxel/grid/document.h"

namespace voxel {

// The index of layer `id`, which the request's `field` names. LAYER_NOT_FOUND.
absl::StatusOr<int> FindLayer(const Document& document, const std::string& id,
                              const std::string& field);

// The same for a layer that is to change. LAYER_NOT_FOUND, LAYER_LOCKED, LAYER_LINKED.
absl::StatusOr<int> FindWritableLayer(const Document& document, const std::string& id,
                                      const std::string& field);

// The document with these layers shown and all others hidden. LAYER_NOT_FOUND, naming `field` and
// the place in the list.
absl::StatusOr<RefPtr<const Document>> OnlyVisible(const Document& document,
                                                   absl::Span<const std::string> ids,
                                                   const std::string& field);

}  // namespace voxel
