#include "voxel/formats/vox_scene_plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/vox_contents.h"
#include "voxel/formats/vox_cursor.h"
#include "voxel/formats/vox_graph.h"
#include "voxel/formats/vox_instances.h"
#include "voxel/formats/vox_placement.h"
#include "voxel/formats/vox_scene_tree.h"

namespace voxel {
namespace {

using Id = VoxSceneTree::Id;
using Kind = SceneNode::Kind;

// A file's layers are limited on import; a scene that shows more did not come from one.
constexpr int64_t kMaxInstances = 1 << 20;
// Each level takes two nodes; the root, its group and a split layer's take some more.
constexpr int64_t kMaxGroupLevels = kVoxMaxDepth / 2 - 4;

std::vector<VoxChunk> LayerChunks(const SceneGraph* scene) {
  std::vector<VoxChunk> chunks;
  if (scene == nullptr) return chunks;
  for (const SceneChunk& chunk : scene->chunks) {
    if (chunk.id == "LAYR") chunks.push_back({chunk.id, chunk.content, 0});
  }
  return chunks;
}

absl::Status TooFar(const Layer& layer) {
  return Error(Reason::FORMAT_UNSUPPORTED,
               StrCat("layer \"", layer.id, "\" lies further than ", kVoxMaxOffset,
                      " from the origin, where .vox ends"));
}

// The planner's state while it goes through the layers.
class ScenePlanner {
 public:
  ScenePlanner(const Document& document, const SceneGraph* scene, HiddenLayers hidden_layers)
      : document_(document),
        scene_(scene),
        hidden_layers_(std::move(hidden_layers)),
        tree_(scene),
        contents_(document, scene),
        leaf_of_layer_(document.layers.size(), VoxSceneTree::kNone) {}

  absl::StatusOr<VoxScenePlan> Plan() {
    ClaimLeaves();
    for (size_t i = 0; i < document_.layers.size(); ++i)
      VOXEL_RETURN_IF_ERROR(PlanLayer(static_cast<int>(i)));
    for (const Id leaf : unclaimed_) tree_.Remove(leaf);
    ApplyVisibility();
    SortByLayers();
    VoxScenePlan plan;
    plan.nodes = tree_.Fold();
    plan.models = contents_.models();
    DropModels(plan);
    return plan;
  }

 private:
  const Layer& LayerAt(int index) const { return *document_.layers[static_cast<size_t>(index)]; }
  Id& LeafOf(int index) { return leaf_of_layer_[static_cast<size_t>(index)]; }

  // Gives each layer the instance of its path. A copy of a layer has the same path: it gets none.
  void ClaimLeaves() {
    std::multimap<std::vector<int32_t>, Id> free;
    for (const auto& [leaf, path] : tree_.leaves()) free.emplace(path, leaf);
    for (size_t i = 0; i < document_.layers.size(); ++i) {
      const auto found = free.find(document_.layers[i]->scene_path);
      if (found == free.end()) continue;
      leaf_of_layer_[i] = found->second;
      free.erase(found);
    }
    for (const auto& [path, leaf] : free) unclaimed_.push_back(leaf);
  }

  absl::Status PlanLayer(int index) {
    const Layer& layer = LayerAt(index);
    if (std::count(layer.group.begin(), layer.group.end(), '/') >= kMaxGroupLevels) {
      return Error(Reason::FORMAT_UNSUPPORTED,
                   StrCat("layer \"", layer.id, "\": its group is nested deeper than ",
                          kMaxGroupLevels, " levels"));
    }
    Id& leaf = LeafOf(index);
    const bool is_new = leaf == VoxSceneTree::kNone;
    if (is_new) {
      leaf = tree_.AddLeaf(tree_.FindOrAddGroup(layer.group), NewNodesLayer());
    } else if (tree_.GroupPath(tree_.parent(leaf)) != layer.group) {
      tree_.Move(leaf, tree_.FindOrAddGroup(layer.group));
    }
    SetTitle(leaf, is_new && layer.title.empty() ? layer.id : layer.title);
    const int32_t source_model = is_new ? -1 : tree_.node(tree_.children(leaf)[0]).models[0];
    VOXEL_ASSIGN_OR_RETURN(const std::vector<VoxPart>* parts,
                           contents_.PartsOf(index, source_model));
    return parts->size() == 1 ? PlaceWhole(layer, leaf, parts->front())
                              : PlaceParts(layer, leaf, *parts);
  }

  // New nodes belong to the file's first layer record, as in MagicaVoxel, unless that would hide
  // them.
  int32_t NewNodesLayer() const { return hidden_layers_.contains(0) ? -1 : 0; }

  void SetTitle(Id leaf, std::string_view title) {
    if (VoxNodeTitle(tree_.node(leaf)) == title) return;
    if (title.empty()) {
      RemoveAttribute(tree_.Change(leaf).attributes, "_name");
    } else {
      SetAttribute(tree_.Change(leaf).attributes, "_name", title);
    }
  }

  absl::Status PlaceWhole(const Layer& layer, Id leaf, const VoxPart& part) {
    const Id shape = tree_.children(leaf)[0];
    if (tree_.node(shape).models.empty()) {
      tree_.Change(shape).models = {part.model};
      tree_.Change(shape).frames.emplace_back();
    } else if (tree_.node(shape).models[0] != part.model) {
      tree_.Change(shape).models[0] = part.model;
    }
    return SetPlacement(layer, leaf, part.min + VoxPivot(part.size));
  }

  absl::Status PlaceParts(const Layer& layer, Id leaf, const std::vector<VoxPart>& parts) {
    // A part stands two nodes deeper than the shape did; readers stop at kVoxMaxDepth, ours too.
    if (Way(leaf).size() + 2 > kVoxMaxDepth) tree_.Move(leaf, tree_.root_group());
    VOXEL_RETURN_IF_ERROR(SetPlacement(layer, leaf, {}));
    const Id group = tree_.ReplaceByGroup(leaf);
    const std::string_view name = layer.title.empty() ? layer.id : layer.title;
    for (size_t i = 0; i < parts.size(); ++i) {
      const Id part = tree_.AddLeaf(group, NewNodesLayer());
      SceneNode& transform = tree_.Change(part);
      SetAttribute(transform.attributes, "_name", StrCat(name, " ", i + 1));
      SetVoxFrameTransform(transform.frames[0],
                           Translation(parts[i].min + VoxPivot(parts[i].size)));
      SceneNode& shape = tree_.Change(tree_.children(part)[0]);
      shape.models = {parts[i].model};
      shape.frames.emplace_back();
    }
    return absl::OkStatus();
  }

  // Puts the point `origin` of the layer's space where the layer has it. All keyframes move along.
  absl::Status SetPlacement(const Layer& layer, Id leaf, Coord origin) {
    const auto world = ComposeVox(layer.transform, Translation(origin));
    if (!world) return TooFar(layer);
    const auto local = ComposeVox(tree_.GroupPlacement(tree_.parent(leaf)).Inverse(), *world);
    if (!local) return TooFar(layer);
    VOXEL_ASSIGN_OR_RETURN(const Transform old, VoxFrameTransform(tree_.node(leaf).frames[0]));
    if (*local == old) return absl::OkStatus();
    const Transform back = old.Inverse();
    for (Attributes& frame : tree_.Change(leaf).frames) {
      VOXEL_ASSIGN_OR_RETURN(const Transform key, VoxFrameTransform(frame));
      const auto relative = ComposeVox(back, key);  // identity for the first
      const auto moved = relative ? ComposeVox(*local, *relative) : std::nullopt;
      if (!moved) return TooFar(layer);
      SetVoxFrameTransform(frame, *moved);
    }
    return absl::OkStatus();
  }

  bool IsHidden(Id id) const { return IsVoxNodeHidden(tree_.node(id), hidden_layers_); }

  // The nodes from the root to the leaf, and the shape or group below it.
  std::vector<Id> Way(Id leaf) const {
    std::vector<Id> way{tree_.children(leaf)[0]};
    for (Id id = leaf; id != VoxSceneTree::kNone; id = tree_.parent(id)) way.push_back(id);
    return way;
  }

  void ApplyVisibility() {
    // First whatever hides a layer that is to be seen; then each layer that is not, on its own, for
    // a group that was hidden no longer does it.
    for (size_t i = 0; i < document_.layers.size(); ++i) {
      if (!document_.layers[i]->visible) continue;
      for (const Id id : Way(leaf_of_layer_[i])) {
        if (IsHidden(id)) Show(id);
      }
    }
    for (size_t i = 0; i < document_.layers.size(); ++i) {
      if (document_.layers[i]->visible) continue;
      const std::vector<Id> way = Way(leaf_of_layer_[i]);
      if (std::none_of(way.begin(), way.end(), [this](Id id) { return IsHidden(id); })) {
        SetAttribute(tree_.Change(leaf_of_layer_[i]).attributes, "_hidden", "1");
      }
    }
  }

  void Show(Id id) {
    SceneNode& node = tree_.Change(id);
    RemoveAttribute(node.attributes, "_hidden");
    if (hidden_layers_.contains(node.layer)) node.layer = NewNodesLayer();
  }

  void SortByLayers() {
    std::vector<int32_t> rank(tree_.size(), -1);
    for (size_t i = 0; i < leaf_of_layer_.size(); ++i) {
      rank[static_cast<size_t>(leaf_of_layer_[i])] = static_cast<int32_t>(i);
    }
    tree_.SortByRank(rank);
  }

  // Leaves out the models that only deleted layers showed. Models that nothing ever showed stay.
  void DropModels(VoxScenePlan& plan) const {
    std::vector<bool> shown(plan.models.size(), false);
    std::vector<bool> was_shown(plan.models.size(), false);
    for (const SceneNode& node : plan.nodes) {
      for (const int32_t model : node.models) shown[static_cast<size_t>(model)] = true;
    }
    if (scene_ != nullptr) {
      for (const SceneNode& node : scene_->nodes) {
        for (const int32_t model : node.models) was_shown[static_cast<size_t>(model)] = true;
      }
    }
    std::vector<int32_t> new_index(plan.models.size(), -1);
    std::vector<VoxModelSource> kept;
    for (size_t i = 0; i < plan.models.size(); ++i) {
      if (was_shown[i] && !shown[i]) continue;
      new_index[i] = static_cast<int32_t>(kept.size());
      kept.push_back(plan.models[i]);
    }
    for (SceneNode& node : plan.nodes) {
      for (int32_t& model : node.models) model = new_index[static_cast<size_t>(model)];
    }
    plan.models = std::move(kept);
  }

  const Document& document_;
  const SceneGraph* scene_;
  const HiddenLayers hidden_layers_;
  VoxSceneTree tree_;
  VoxContents contents_;
  std::vector<Id> leaf_of_layer_;  // the transform that shows the layer
  std::vector<Id> unclaimed_;
};

}  // namespace

const SceneGraph* UsableVoxScene(const Document& document) {
  const SceneGraph* scene = document.scene.get();
  if (scene == nullptr || scene->format != "vox" ||
      !IsNormalVoxGraph(scene->nodes, scene->models.size())) {
    return nullptr;
  }
  return FindVoxInstances(scene->nodes, {}, kMaxInstances).ok() ? scene : nullptr;
}

absl::StatusOr<VoxScenePlan> PlanVoxScene(const Document& document) {
  const SceneGraph* scene = UsableVoxScene(document);
  VOXEL_ASSIGN_OR_RETURN(HiddenLayers hidden, ReadHiddenVoxLayers(LayerChunks(scene)));
  return ScenePlanner(document, scene, std::move(hidden)).Plan();
}

}  // namespace voxel
