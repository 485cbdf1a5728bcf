#include "daemon/codec/valid_document.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace voxeld {
namespace {

using voxel::Layer;
using voxel::SceneGraph;
using voxel::SceneNode;

constexpr size_t kMaxIdBytes = 63;

bool ValidId(std::string_view id) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !id.empty() && id.size() <= kMaxIdBytes && letter(id[0]) &&
         std::all_of(id.begin(), id.end(),
                     [&](char c) { return letter(c) || c == '_' || c == '.' || c == '-'; });
}

bool ValidLayers(const voxel::Document& document) {
  std::unordered_map<std::string_view, const Layer*> layers;
  for (const auto& layer : document.layers) {
    if (!ValidId(layer->id) || !layers.emplace(layer->id, layer.get()).second) return false;
    if (layer->mode < voxel::Mode::kOver) return false;
  }
  return std::all_of(layers.begin(), layers.end(), [&](const auto& entry) {
    const std::string& original = entry.second->linked_to;
    if (original.empty()) return true;
    const auto found = layers.find(original);
    return found != layers.end() && found->second->linked_to.empty();
  });
}

bool AllBelow(const std::vector<int32_t>& indices, size_t end) {
  return std::all_of(indices.begin(), indices.end(),
                     [end](int32_t i) { return i >= 0 && static_cast<size_t>(i) < end; });
}

bool ValidNode(const SceneNode& node, const SceneGraph& scene) {
  if (!AllBelow(node.children, scene.nodes.size()) || !AllBelow(node.models, scene.models.size())) {
    return false;
  }
  switch (node.kind) {
    case SceneNode::Kind::kTransform:
      return node.children.size() == 1 && !node.frames.empty();
    case SceneNode::Kind::kGroup:
      return true;
    case SceneNode::Kind::kShape:
      return node.children.empty() && !node.models.empty();
  }
  return false;
}

// Takes away, again and again, the nodes that nobody left leads to (Kahn): in a cycle some stay.
bool Acyclic(const SceneGraph& scene) {
  std::vector<size_t> parents(scene.nodes.size());
  for (const SceneNode& node : scene.nodes) {
    for (const int32_t child : node.children) ++parents[static_cast<size_t>(child)];
  }
  std::vector<size_t> free;
  for (size_t i = 0; i < parents.size(); ++i) {
    if (parents[i] == 0) free.push_back(i);
  }
  size_t taken = 0;
  while (!free.empty()) {
    const size_t node = free.back();
    free.pop_back();
    ++taken;
    for (const int32_t child : scene.nodes[node].children) {
      if (--parents[static_cast<size_t>(child)] == 0) free.push_back(static_cast<size_t>(child));
    }
  }
  return taken == scene.nodes.size();
}

bool ValidScene(const SceneGraph& scene) {
  return !scene.nodes.empty() &&
         std::all_of(scene.nodes.begin(), scene.nodes.end(),
                     [&](const SceneNode& node) { return ValidNode(node, scene); }) &&
         Acyclic(scene);
}

// Cameras are told apart by their names.
bool ValidStage(const voxel::Stage& stage) {
  std::unordered_set<std::string_view> names;
  return std::all_of(stage.cameras.begin(), stage.cameras.end(), [&](const auto& camera) {
    return !camera.name.empty() && names.insert(camera.name).second;
  });
}

// By their ids, ascending.
bool ValidSelections(const voxel::Document& document) {
  const auto& selections = document.selections;
  for (size_t i = 0; i < selections.size(); ++i) {
    if (!ValidId(selections[i]->id)) return false;
    if (i > 0 && selections[i - 1]->id >= selections[i]->id) return false;
  }
  return true;
}

}  // namespace

bool ValidDocument(const voxel::Document& document) {
  return ValidLayers(document) && ValidSelections(document) &&
         (!document.scene || ValidScene(*document.scene)) &&
         (!document.stage || ValidStage(*document.stage));
}

}  // namespace voxeld
