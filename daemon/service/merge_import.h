// An imported document into a project's document.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "voxel/grid/document.h"

namespace voxeld {

// Moves every layer by `offset`, and what the cameras look at. OUT_OF_WORLD if a voxel would leave
// the world.
absl::StatusOr<voxel::RefPtr<const voxel::Document>> MovedBy(
    voxel::RefPtr<const voxel::Document> document, voxel::Coord offset);

struct MergedImport {
  voxel::RefPtr<const voxel::Document> document;
  int first_new_layer = 0;  // the imported layers are those from here on
};

// Puts the imported layers on top, under ids that are free. A blank document (one empty layer,
// nothing else) takes over the import's scene graph and loses its empty layer; any other keeps its
// own. The palette, the cameras and the light come over where the document has none. LIMIT_LAYERS.
absl::StatusOr<MergedImport> MergeImport(const voxel::Document& document,
                                         const voxel::Document& imported, int32_t max_layers);

}  // namespace voxeld
