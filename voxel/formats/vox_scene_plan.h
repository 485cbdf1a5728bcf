// What a document becomes as a MagicaVoxel scene: nodes and models, ready to be encoded.
//
// Rule: what a layer and its instance in the original graph agree on is written as it was, shared
//       nodes included. Where they differ, the layer is right: its instance gets nodes of its own.
//       Layers without an instance are appended, instances without a layer vanish.
// Ownership: the document must outlive the plan.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/formats/vox_model.h"
#include "voxel/grid/document.h"
#include "voxel/grid/scene_graph.h"

namespace voxel {

struct VoxScenePlan {
  std::vector<SceneNode> nodes;  // normalized; models are indices into `models`
  std::vector<VoxModelSource> models;
};

// The document's scene graph if it is one that a .vox can carry, else nullptr.
const SceneGraph* UsableVoxScene(const Document& document);

//   FORMAT_UNSUPPORTED  a layer lies or groups nest further than the format goes
//   LIMIT_LAYERS        too many models
absl::StatusOr<VoxScenePlan> PlanVoxScene(const Document& document);

}  // namespace voxel
