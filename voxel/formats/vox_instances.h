// The shapes of a MagicaVoxel scene as they appear in the world: one instance for each way from the
// root to a shape.
//
// Safety: ways are counted before any is walked, so shared groups that double at every level cost
// nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "voxel/formats/vox_chunk.h"
#include "voxel/grid/scene_graph.h"
#include "voxel/grid/transform.h"

namespace voxel {

struct VoxInstance {
  std::vector<int32_t> path;  // node indices, root to shape
  int32_t model = 0;          // of the first keyframe
  Transform placement;        // of the model's pivot in the world, at the first keyframes
  bool hidden = false;        // by any node of the path or its layer record
  std::string title;          // the name of the transform above the shape
  std::string group;  // names of the transforms above the groups, but for the root: "house/roof"
};

using HiddenLayers = absl::flat_hash_set<int32_t>;  // ids of the layer records that are hidden

// Reads the LAYR chunks among `chunks`. FORMAT_CORRUPT.
absl::StatusOr<HiddenLayers> ReadHiddenVoxLayers(absl::Span<const VoxChunk> chunks);

// What one node says about itself.
bool IsVoxNodeHidden(const SceneNode& node, const HiddenLayers& hidden_layers);
std::string VoxNodeTitle(const SceneNode& transform);
// The group path of what stands in the group below `transform`, which stands in `group` itself.
// Unnamed groups add no level; '/' in names becomes '_'.
std::string VoxGroupBelow(std::string_view group, const SceneNode& transform);

// In the order of a walk from the root, children in file order. REQUIRES: normalized nodes.
//   LIMIT_LAYERS    there are more than `max_instances`
//   FORMAT_CORRUPT  offsets add up to more than kVoxMaxOffset
absl::StatusOr<std::vector<VoxInstance>> FindVoxInstances(const std::vector<SceneNode>& nodes,
                                                          const HiddenLayers& hidden_layers,
                                                          int64_t max_instances);

}  // namespace voxel
