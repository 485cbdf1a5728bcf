#include "voxel/formats/vox_instances.h"

#include <algorithm>
#include <optional>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/layer_names.h"
#include "voxel/formats/vox_cursor.h"
#include "voxel/formats/vox_graph.h"
#include "voxel/formats/vox_placement.h"

namespace voxel {
namespace {

using Kind = SceneNode::Kind;

// Walks down every way that ends at a shape.
class InstanceWalk {
 public:
  InstanceWalk(const std::vector<SceneNode>& nodes, const HiddenLayers& hidden_layers,
               std::vector<int64_t> paths)
      : nodes_(nodes), hidden_layers_(hidden_layers), paths_(std::move(paths)) {}

  // What the nodes above say.
  struct Above {
    Transform placement;
    bool hidden = false;
    std::string group;
    std::string title;
  };

  // Recursion is as deep as the graph, at most kVoxMaxDepth.
  absl::Status Visit(int32_t index, const Above& above) {
    const SceneNode& node = nodes_[static_cast<size_t>(index)];
    path_.push_back(index);
    Above here = above;
    here.hidden = above.hidden || IsVoxNodeHidden(node, hidden_layers_);
    if (node.kind == Kind::kTransform) VOXEL_RETURN_IF_ERROR(Enter(node, here));
    if (node.kind == Kind::kShape) {
      found_.push_back(
          {path_, node.models[0], here.placement, here.hidden, here.title, here.group});
    }
    for (const int32_t child : node.children) {
      if (paths_[static_cast<size_t>(child)] > 0) VOXEL_RETURN_IF_ERROR(Visit(child, here));
    }
    path_.pop_back();
    return absl::OkStatus();
  }

  std::vector<VoxInstance> Take() { return std::move(found_); }

 private:
  absl::Status Enter(const SceneNode& transform, Above& here) const {
    VOXEL_ASSIGN_OR_RETURN(const Transform own, VoxFrameTransform(transform.frames[0]));
    const std::optional<Transform> placement = ComposeVox(here.placement, own);
    if (!placement) {
      return Error(Reason::FORMAT_CORRUPT,
                   StrCat("nTRN: the offsets from the root to \"", VoxNodeTitle(transform),
                          "\" add up to more than ", kVoxMaxOffset));
    }
    here.placement = *placement;
    const bool above_group =
        nodes_[static_cast<size_t>(transform.children[0])].kind == Kind::kGroup;
    if (!above_group) {
      here.title = VoxNodeTitle(transform);
    } else if (path_.size() > 1) {
      here.group = VoxGroupBelow(here.group, transform);
    }
    return absl::OkStatus();
  }

  const std::vector<SceneNode>& nodes_;
  const HiddenLayers& hidden_layers_;
  std::vector<int64_t> paths_;
  std::vector<int32_t> path_;
  std::vector<VoxInstance> found_;
};

}  // namespace

absl::StatusOr<HiddenLayers> ReadHiddenVoxLayers(absl::Span<const VoxChunk> chunks) {
  HiddenLayers hidden;
  for (const VoxChunk& chunk : chunks) {
    if (chunk.id != "LAYR") continue;
    VoxCursor cursor(chunk);
    VOXEL_ASSIGN_OR_RETURN(const int32_t id, cursor.Int32("layer id"));
    VOXEL_ASSIGN_OR_RETURN(const Attributes attributes, cursor.Dictionary("attributes"));
    if (FindAttribute(attributes, "_hidden") == "1") hidden.insert(id);
  }
  return hidden;
}

bool IsVoxNodeHidden(const SceneNode& node, const HiddenLayers& hidden_layers) {
  return FindAttribute(node.attributes, "_hidden") == "1" ||
         (node.kind == Kind::kTransform && hidden_layers.contains(node.layer));
}

std::string VoxNodeTitle(const SceneNode& transform) {
  return CleanName(FindAttribute(transform.attributes, "_name"));
}

std::string VoxGroupBelow(std::string_view group, const SceneNode& transform) {
  std::string name = VoxNodeTitle(transform);
  std::replace(name.begin(), name.end(), '/', '_');
  std::string path(group);
  if (name.empty()) return path;
  if (!path.empty()) path += '/';
  path += name;
  return path.size() <= kMaxGroupPathBytes ? path : std::string(group);
}

absl::StatusOr<std::vector<VoxInstance>> FindVoxInstances(const std::vector<SceneNode>& nodes,
                                                          const HiddenLayers& hidden_layers,
                                                          int64_t max_instances) {
  std::vector<int64_t> paths = CountVoxPaths(nodes);
  if (paths[0] > max_instances) {
    return Error(Reason::LIMIT_LAYERS, StrCat("the scene shows ", paths[0],
                                              " shapes, each a layer; at most ", max_instances));
  }
  InstanceWalk walk(nodes, hidden_layers, std::move(paths));
  VOXEL_RETURN_IF_ERROR(walk.Visit(0, {}));
  return walk.Take();
}

}  // namespace voxel
