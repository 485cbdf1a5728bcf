#include "voxel/formats/vox_scene_tree.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "voxel/formats/vox_cursor.h"
#include "voxel/formats/vox_graph.h"
#include "voxel/formats/vox_placement.h"

namespace voxel {
namespace {

using Kind = SceneNode::Kind;

// Everything that tells two changed copies of one node apart; lengths keep texts from running
// together.
void AppendText(std::string_view text, std::string& out) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}
void AppendAttributes(const Attributes& attributes, std::string& out) {
  out += std::to_string(attributes.size());
  out += ';';
  for (const auto& [key, value] : attributes) {
    AppendText(key, out);
    AppendText(value, out);
  }
}
std::string ContentKey(const SceneNode& node) {
  std::string key = std::to_string(node.layer);
  key += ';';
  AppendAttributes(node.attributes, key);
  for (const Attributes& frame : node.frames) AppendAttributes(frame, key);
  for (const int32_t model : node.models) AppendText(std::to_string(model), key);
  return key;
}

}  // namespace

VoxSceneTree::VoxSceneTree(const SceneGraph* scene) : scene_(scene) {
  if (scene == nullptr) {
    Add(Add(kNone, Kind::kTransform), Kind::kGroup);
    return;
  }
  std::vector<int32_t> path;
  Unfold(0, kNone, CountVoxPaths(scene->nodes), path);
}

VoxSceneTree::Id VoxSceneTree::Unfold(int32_t source, Id parent, const std::vector<int64_t>& paths,
                                      std::vector<int32_t>& path) {
  const SceneNode& base = scene_->nodes[static_cast<size_t>(source)];
  const auto id = static_cast<Id>(nodes_.size());
  nodes_.emplace_back();
  At(id).base = &base;
  At(id).source = source;
  At(id).parent = parent;
  // The root and its group are always there, whatever is below them.
  At(id).folded = paths[static_cast<size_t>(source)] == 0 && path.size() > 1;
  if (At(id).folded) return id;
  path.push_back(source);
  if (base.kind == Kind::kShape) leaves_.emplace_back(parent, path);
  for (const int32_t child : base.children) {
    const Id unfolded = Unfold(child, id, paths, path);
    At(id).children.push_back(unfolded);
  }
  path.pop_back();
  return id;
}

VoxSceneTree::Id VoxSceneTree::Add(Id parent, Kind kind) {
  const auto id = static_cast<Id>(nodes_.size());
  Node& node = nodes_.emplace_back();
  node.parent = parent;
  node.own = std::make_unique<SceneNode>();
  node.own->kind = kind;
  if (kind == Kind::kTransform) node.own->frames.emplace_back();
  if (parent != kNone) At(parent).children.push_back(id);
  return id;
}

SceneNode& VoxSceneTree::Change(Id id) {
  Node& node = At(id);
  if (node.own == nullptr) node.own = std::make_unique<SceneNode>(*node.base);
  return *node.own;
}

VoxSceneTree::Id VoxSceneTree::AddGroup(Id parent_group, std::string_view name) {
  const Id transform = Add(parent_group, Kind::kTransform);
  if (!name.empty()) SetAttribute(At(transform).own->attributes, "_name", name);
  return Add(transform, Kind::kGroup);
}

VoxSceneTree::Id VoxSceneTree::AddLeaf(Id parent_group, int32_t layer) {
  const Id transform = Add(parent_group, Kind::kTransform);
  At(transform).own->layer = layer;
  Add(transform, Kind::kShape);
  return transform;
}

VoxSceneTree::Id VoxSceneTree::ReplaceByGroup(Id transform) {
  At(transform).children.clear();
  return Add(transform, Kind::kGroup);
}

void VoxSceneTree::Move(Id transform, Id new_group) {
  At(new_group).children.push_back(transform);
  Remove(transform);
  At(transform).parent = new_group;
}

void VoxSceneTree::Remove(Id transform) {
  const Id group = parent(transform);
  std::vector<Id>& siblings = At(group).children;
  siblings.erase(std::find(siblings.begin(), siblings.end(), transform));
  if (siblings.empty() && group != root_group()) Remove(parent(group));
}

Transform VoxSceneTree::GroupPlacement(Id group) const {
  Transform placement;
  for (Id id = parent(group); id != kNone; id = parent(parent(id))) {
    placement = VoxFrameTransform(node(id).frames[0]).value() * placement;
    if (parent(id) == kNone) break;
  }
  return placement;
}

std::string VoxSceneTree::GroupPath(Id group) const {
  if (group == root_group()) return "";
  const Id transform = parent(group);
  return VoxGroupBelow(GroupPath(parent(transform)), node(transform));
}

VoxSceneTree::Id VoxSceneTree::FindGroup(Id group, std::string_view name) const {
  for (const Id transform : children(group)) {
    if (At(transform).folded || node(children(transform)[0]).kind != Kind::kGroup) continue;
    if (VoxGroupBelow("", node(transform)) == name) return children(transform)[0];
  }
  return kNone;
}

VoxSceneTree::Id VoxSceneTree::FindOrAddGroup(std::string_view path) {
  Id group = root_group();
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (name.empty()) continue;
    const Id found = FindGroup(group, name);
    group = found != kNone ? found : AddGroup(group, name);
  }
  return group;
}

void VoxSceneTree::SortByRank(const std::vector<int32_t>& rank) { SortBelow(0, rank); }

// Returns the lowest rank below, -1 if there is none.
int32_t VoxSceneTree::SortBelow(Id id, const std::vector<int32_t>& rank) {
  int32_t lowest = rank[static_cast<size_t>(id)];
  std::vector<std::pair<int32_t, Id>> ranked;
  for (const Id child : children(id)) {
    const int32_t own = SortBelow(child, rank);
    if (own >= 0) ranked.emplace_back(own, child);
    if (own >= 0 && (lowest < 0 || own < lowest)) lowest = own;
  }
  if (std::is_sorted(ranked.begin(), ranked.end())) return lowest;
  std::vector<bool> has_rank(nodes_.size());
  for (const auto& [unused, child] : ranked) has_rank[static_cast<size_t>(child)] = true;
  std::sort(ranked.begin(), ranked.end());
  size_t next = 0;
  for (Id& child : At(id).children) {
    if (has_rank[static_cast<size_t>(child)]) child = ranked[next++].second;
  }
  return lowest;
}

int32_t VoxSceneTree::FoldNode(Id id, FoldState& state) const {
  const Node& tree_node = At(id);
  if (tree_node.folded) return FoldKept(tree_node.source, state);
  const int32_t order = state.next_order++;
  std::vector<int32_t> children;
  for (const Id child : tree_node.children) children.push_back(FoldNode(child, state));
  if (tree_node.source != kNone) {
    Key key(tree_node.source, tree_node.own != nullptr ? ContentKey(*tree_node.own) : "", children);
    const auto [found, is_new] =
        state.known.emplace(std::move(key), static_cast<int32_t>(state.nodes.size()));
    if (!is_new) return found->second;
  }
  state.nodes.push_back({&node(id), tree_node.source, order, std::move(children)});
  return static_cast<int32_t>(state.nodes.size() - 1);
}

int32_t VoxSceneTree::FoldKept(int32_t source, FoldState& state) const {
  if (state.kept[static_cast<size_t>(source)] >= 0) return state.kept[static_cast<size_t>(source)];
  const SceneNode& base = scene_->nodes[static_cast<size_t>(source)];
  const int32_t order = state.next_order++;
  std::vector<int32_t> children;
  for (const int32_t child : base.children) children.push_back(FoldKept(child, state));
  state.nodes.push_back({&base, source, order, std::move(children)});
  state.kept[static_cast<size_t>(source)] = static_cast<int32_t>(state.nodes.size() - 1);
  return static_cast<int32_t>(state.nodes.size() - 1);
}

std::vector<SceneNode> VoxSceneTree::Fold() const {
  FoldState state;
  if (scene_ != nullptr) state.kept.resize(scene_->nodes.size(), -1);
  const int32_t root = FoldNode(0, state);
  // The root first, then what the scene had in its order, then what is new.
  std::vector<size_t> order(state.nodes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto rank = [&](size_t i) {
    const Folded& node = state.nodes[i];
    const int32_t source = node.source == kNone ? std::numeric_limits<int32_t>::max() : node.source;
    return std::tuple(i != static_cast<size_t>(root), source, node.order);
  };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rank(a) < rank(b); });
  std::vector<int32_t> new_index(order.size());
  for (size_t i = 0; i < order.size(); ++i) new_index[order[i]] = static_cast<int32_t>(i);
  std::vector<SceneNode> result;
  result.reserve(order.size());
  for (const size_t i : order) {
    SceneNode& node = result.emplace_back(*state.nodes[i].content);
    node.children.clear();
    for (const int32_t child : state.nodes[i].children) {
      node.children.push_back(new_index[static_cast<size_t>(child)]);
    }
  }
  return result;
}

}  // namespace voxel
