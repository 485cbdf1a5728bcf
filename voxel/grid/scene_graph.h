// A scene graph as files carry it: groups, shared children, instances, keyframes. A document that
// came from such a file keeps it beside its layers, so that an export can write the structure back.
// Layers remain the truth about voxels, placement, visibility and names: where they and the graph
// differ, exporters follow the layers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "voxel/base/ref_ptr.h"
#include "voxel/grid/attributes.h"
#include "voxel/grid/transform.h"
#include "voxel/grid/volume.h"

namespace voxel {

struct SceneNode {
  enum class Kind : uint8_t { kTransform, kGroup, kShape };

  Kind kind = Kind::kGroup;
  Attributes attributes;
  // Indices into SceneGraph::nodes; a transform has exactly one, a shape none.
  std::vector<int32_t> children;
  int32_t layer = -1;  // transforms: id of the file's own layer record, -1 = none
  // Transforms: one per keyframe, at least one. Shapes: the frame attributes of each model.
  std::vector<Attributes> frames;
  // Shapes: indices into SceneGraph::models, one per keyframe, at least one.
  std::vector<int32_t> models;
};

struct SceneModel {
  Coord size;
  Volume voxels;  // in [0, size)
  // Palette index i of a voxel, stored as colour (i << 8 | 255), only where the colour alone is
  // ambiguous.
  Volume indices;
};

// An opaque chunk of the file: kept and written back.
struct SceneChunk {
  std::string id;
  std::string content;
};

struct SceneGraph : RefCounted<SceneGraph> {
  std::string format;  // "vox"
  int32_t version = 0;
  std::vector<SceneNode> nodes;  // nodes[0] is the root; acyclic, children may be shared
  std::vector<SceneModel> models;
  std::vector<SceneChunk> chunks;
};

}  // namespace voxel
