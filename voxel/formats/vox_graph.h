// The scene graph of a MagicaVoxel file: node chunks in, checked and normalized nodes out.
//
// Format:     docs/formats/vox.md, "Scene graph". The graph is a DAG: shapes and groups may have
//             several parents.
// Normalized: nodes[0] is a transform above the root group; a group's children are transforms; a
//             transform's child is a group or a shape. Files that nest otherwise get identity nodes
//             put in between.
// Safety:     no recursion, and no cost beyond the edges of the graph, however often they multiply
//             out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "voxel/formats/format.h"
#include "voxel/formats/vox_chunk.h"
#include "voxel/grid/scene_graph.h"

namespace voxel {

inline constexpr int32_t kVoxMaxNodeId = (1 << 24) - 1;
inline constexpr int kVoxMaxDepth = 128;  // nodes from the root to a shape

bool IsVoxNodeChunk(std::string_view id);  // nTRN, nGRP, nSHP

// Reads `chunks` (all node chunks of a file, in file order) into nodes in the same order, but for
// the root, which comes first. Nodes that the root does not reach are left out and counted in
// `warnings`.
//   FORMAT_CORRUPT  a field does not fit, an id is repeated or outside [0, kVoxMaxNodeId], a child
//                   or a model does not exist, there is no node 0, the graph has a cycle or is
//                   deeper than kVoxMaxDepth, a rotation or an offset is none
absl::StatusOr<std::vector<SceneNode>> ReadVoxGraph(absl::Span<const VoxChunk> chunks,
                                                    size_t model_count,
                                                    std::vector<std::string>& warnings);

// The graph of a file that has none: every model under the root group. Only the first one is shown;
// the others are frames of an old kind of animation.
std::vector<SceneNode> DefaultVoxGraph(size_t model_count);

// How many ways lead from each node to a shape, saturating at INT64_MAX. REQUIRES: acyclic.
std::vector<int64_t> CountVoxPaths(const std::vector<SceneNode>& nodes);

// Whether `nodes` are normalized as above and all indices valid, models below `model_count`. For
// graphs that did not just come from ReadVoxGraph.
bool IsNormalVoxGraph(const std::vector<SceneNode>& nodes, size_t model_count);

}  // namespace voxel
