#include "voxel/formats/vox_graph.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/vox_cursor.h"
#include "voxel/formats/vox_placement.h"

namespace voxel {
namespace {

using Kind = SceneNode::Kind;

// Nodes with what only the file knows about them. Nodes put in later have the offset of the node
// they serve.
struct Draft {
  std::vector<SceneNode> nodes;
  std::vector<int32_t> ids;
  std::vector<VoxChunk> chunks;

  int32_t Add(Kind kind, std::vector<int32_t> children, int32_t serves) {
    SceneNode node;
    node.kind = kind;
    node.children = std::move(children);
    if (kind == Kind::kTransform) node.frames.emplace_back();
    nodes.push_back(std::move(node));
    ids.push_back(-1);
    chunks.push_back(chunks[static_cast<size_t>(serves)]);
    return static_cast<int32_t>(nodes.size() - 1);
  }
  Kind KindOf(int32_t index) const { return nodes[static_cast<size_t>(index)].kind; }
};

absl::Status ReadTransform(VoxCursor& cursor, const VoxChunk& chunk, SceneNode& node) {
  VOXEL_ASSIGN_OR_RETURN(const int32_t child, cursor.Int32("child id"));
  node.children.push_back(child);
  VOXEL_RETURN_IF_ERROR(cursor.Int32("reserved id").status());
  VOXEL_ASSIGN_OR_RETURN(node.layer, cursor.Int32("layer id"));
  VOXEL_ASSIGN_OR_RETURN(const size_t frames, cursor.Count("number of frames", 4));
  if (frames == 0) return VoxCorrupt(chunk.id, chunk.offset, "has no frame");
  for (size_t i = 0; i < frames; ++i) {
    VOXEL_ASSIGN_OR_RETURN(Attributes frame, cursor.Dictionary(StrCat("frame ", i)));
    if (const auto transform = VoxFrameTransform(frame); !transform.ok()) {
      return VoxCorrupt(chunk.id, chunk.offset,
                        StrCat("frame ", i, ": ", std::string(transform.status().message())));
    }
    node.frames.push_back(std::move(frame));
  }
  return absl::OkStatus();
}

absl::Status ReadGroup(VoxCursor& cursor, SceneNode& node) {
  VOXEL_ASSIGN_OR_RETURN(const size_t children, cursor.Count("number of children", 4));
  node.children.reserve(children);
  for (size_t i = 0; i < children; ++i) {
    VOXEL_ASSIGN_OR_RETURN(const int32_t child, cursor.Int32("child id"));
    node.children.push_back(child);
  }
  return absl::OkStatus();
}

absl::Status ReadShape(VoxCursor& cursor, const VoxChunk& chunk, size_t model_count,
                       SceneNode& node) {
  VOXEL_ASSIGN_OR_RETURN(const size_t models, cursor.Count("number of models", 8));
  if (models == 0) return VoxCorrupt(chunk.id, chunk.offset, "has no model");
  for (size_t i = 0; i < models; ++i) {
    const size_t offset = cursor.offset();
    VOXEL_ASSIGN_OR_RETURN(const uint32_t model, cursor.Uint32("model id"));
    if (model >= model_count) {
      return VoxCorrupt(chunk.id, chunk.offset,
                        StrCat("model ", static_cast<int32_t>(model), " at byte ", offset,
                               " does not exist; the file has ", model_count, " models"));
    }
    node.models.push_back(static_cast<int32_t>(model));
    VOXEL_ASSIGN_OR_RETURN(Attributes frame, cursor.Dictionary(StrCat("attributes of model ", i)));
    node.frames.push_back(std::move(frame));
  }
  return absl::OkStatus();
}

absl::Status ReadNode(const VoxChunk& chunk, size_t model_count, Draft& draft) {
  VoxCursor cursor(chunk);
  SceneNode node;
  VOXEL_ASSIGN_OR_RETURN(const int32_t id, cursor.Int32("node id"));
  if (id < 0 || id > kVoxMaxNodeId) {
    return VoxCorrupt(chunk.id, chunk.offset,
                      StrCat("node id ", id, " is outside [0, ", kVoxMaxNodeId, "]"));
  }
  VOXEL_ASSIGN_OR_RETURN(node.attributes, cursor.Dictionary("attributes"));
  if (chunk.id == "nTRN") {
    node.kind = Kind::kTransform;
    VOXEL_RETURN_IF_ERROR(ReadTransform(cursor, chunk, node));
  } else if (chunk.id == "nGRP") {
    node.kind = Kind::kGroup;
    VOXEL_RETURN_IF_ERROR(ReadGroup(cursor, node));
  } else {
    node.kind = Kind::kShape;
    VOXEL_RETURN_IF_ERROR(ReadShape(cursor, chunk, model_count, node));
  }
  draft.nodes.push_back(std::move(node));
  draft.ids.push_back(id);
  draft.chunks.push_back(chunk);
  return absl::OkStatus();
}

// Turns the children's ids into indices; returns the root's.
absl::StatusOr<int32_t> ResolveIds(Draft& draft) {
  absl::flat_hash_map<int32_t, int32_t> index_of;
  for (size_t i = 0; i < draft.nodes.size(); ++i) {
    if (!index_of.emplace(draft.ids[i], static_cast<int32_t>(i)).second) {
      return VoxCorrupt(draft.chunks[i].id, draft.chunks[i].offset,
                        StrCat("node id ", draft.ids[i], " is repeated"));
    }
  }
  for (size_t i = 0; i < draft.nodes.size(); ++i) {
    for (int32_t& child : draft.nodes[i].children) {
      const auto found = index_of.find(child);
      if (found == index_of.end()) {
        return VoxCorrupt(draft.chunks[i].id, draft.chunks[i].offset,
                          StrCat("child node ", child, " does not exist"));
      }
      child = found->second;
    }
  }
  const auto root = index_of.find(0);
  if (root == index_of.end()) {
    return VoxCorrupt(draft.chunks[0].id, draft.chunks[0].offset,
                      "the scene graph has no root, node 0");
  }
  return root->second;
}

// Puts identity nodes where the nesting is not transform - group or shape; returns the root, which
// may be new.
int32_t Normalize(Draft& draft, int32_t root) {
  const auto original = static_cast<int32_t>(draft.nodes.size());
  for (int32_t i = 0; i < original; ++i) {
    const bool group = draft.KindOf(i) == Kind::kGroup;
    for (size_t k = 0; k < draft.nodes[static_cast<size_t>(i)].children.size(); ++k) {
      const int32_t child = draft.nodes[static_cast<size_t>(i)].children[k];
      const bool transform_below = draft.KindOf(child) == Kind::kTransform;
      if (group == transform_below) continue;
      const int32_t between = draft.Add(group ? Kind::kTransform : Kind::kGroup, {child}, i);
      draft.nodes[static_cast<size_t>(i)].children[k] = between;
    }
  }
  if (draft.KindOf(root) == Kind::kShape) root = draft.Add(Kind::kTransform, {root}, root);
  if (draft.KindOf(root) == Kind::kGroup) return draft.Add(Kind::kTransform, {root}, root);
  if (draft.KindOf(draft.nodes[static_cast<size_t>(root)].children[0]) == Kind::kGroup) return root;
  return draft.Add(Kind::kTransform, {draft.Add(Kind::kGroup, {root}, root)}, root);
}

// The nodes that `root` reaches, children before parents. If there is a cycle: nullopt, and `cycle`
// is a node of it.
std::optional<std::vector<int32_t>> ChildrenFirst(const std::vector<SceneNode>& nodes, int32_t root,
                                                  int32_t& cycle) {
  enum class State : uint8_t { kNew, kOpen, kDone };
  std::vector<State> states(nodes.size(), State::kNew);
  std::vector<int32_t> order;
  std::vector<std::pair<int32_t, size_t>> open{{root, 0}};  // node, its next child
  states[static_cast<size_t>(root)] = State::kOpen;
  while (!open.empty()) {
    auto& [node, next] = open.back();
    const std::vector<int32_t>& children = nodes[static_cast<size_t>(node)].children;
    if (next == children.size()) {
      states[static_cast<size_t>(node)] = State::kDone;
      order.push_back(node);
      open.pop_back();
      continue;
    }
    const int32_t child = children[next++];
    if (states[static_cast<size_t>(child)] == State::kOpen) {
      cycle = child;
      return std::nullopt;
    }
    if (states[static_cast<size_t>(child)] == State::kNew) {
      states[static_cast<size_t>(child)] = State::kOpen;
      open.emplace_back(child, 0);
    }
  }
  return order;
}

// The first node, parents first, that is deeper than kVoxMaxDepth; -1 if none is.
int32_t FindTooDeep(const std::vector<SceneNode>& nodes,
                    const std::vector<int32_t>& children_first) {
  std::vector<int32_t> depths(nodes.size(), 1);
  for (auto node = children_first.rbegin(); node != children_first.rend(); ++node) {
    const int32_t depth = depths[static_cast<size_t>(*node)];
    if (depth > kVoxMaxDepth) return *node;
    for (const int32_t child : nodes[static_cast<size_t>(*node)].children) {
      int32_t& below = depths[static_cast<size_t>(child)];
      below = std::max(below, depth + 1);
    }
  }
  return -1;
}

// Keeps the nodes in `reached`, the root first, the others in order.
std::vector<SceneNode> Compact(std::vector<SceneNode> nodes, int32_t root,
                               const std::vector<int32_t>& reached) {
  std::vector<int32_t> kept = reached;
  std::sort(kept.begin(), kept.end(), [root](int32_t a, int32_t b) {
    return std::pair(a != root, a) < std::pair(b != root, b);
  });
  std::vector<int32_t> new_index(nodes.size(), -1);
  for (size_t i = 0; i < kept.size(); ++i)
    new_index[static_cast<size_t>(kept[i])] = static_cast<int32_t>(i);
  std::vector<SceneNode> result;
  result.reserve(kept.size());
  for (const int32_t old : kept) {
    SceneNode& node = result.emplace_back(std::move(nodes[static_cast<size_t>(old)]));
    for (int32_t& child : node.children) child = new_index[static_cast<size_t>(child)];
  }
  return result;
}

bool IsNormalNode(const std::vector<SceneNode>& nodes, const SceneNode& node, size_t model_count) {
  const bool group = node.kind == Kind::kGroup;
  for (const int32_t child : node.children) {
    if (child < 0 || static_cast<size_t>(child) >= nodes.size()) return false;
    if (group != (nodes[static_cast<size_t>(child)].kind == Kind::kTransform)) return false;
  }
  switch (node.kind) {
    case Kind::kGroup:
      return true;
    case Kind::kTransform:
      return node.children.size() == 1 && !node.frames.empty() &&
             std::all_of(node.frames.begin(), node.frames.end(),
                         [](const Attributes& frame) { return VoxFrameTransform(frame).ok(); });
    case Kind::kShape:
      return node.children.empty() && !node.models.empty() &&
             node.frames.size() == node.models.size() &&
             std::all_of(node.models.begin(), node.models.end(), [model_count](int32_t model) {
               return model >= 0 && static_cast<size_t>(model) < model_count;
             });
  }
  return false;
}

}  // namespace

bool IsVoxNodeChunk(std::string_view id) { return id == "nTRN" || id == "nGRP" || id == "nSHP"; }

absl::StatusOr<std::vector<SceneNode>> ReadVoxGraph(absl::Span<const VoxChunk> chunks,
                                                    size_t model_count,
                                                    std::vector<std::string>& warnings) {
  // No more than what the file has bytes for, whatever it calls a node.
  constexpr size_t kLeastBytes = 12;
  size_t bytes = 0;
  for (const VoxChunk& chunk : chunks) bytes += chunk.content.size();
  const size_t nodes = std::min(chunks.size(), bytes / kLeastBytes);
  Draft draft;
  draft.nodes.reserve(nodes);
  draft.ids.reserve(nodes);
  draft.chunks.reserve(nodes);
  for (const VoxChunk& chunk : chunks) VOXEL_RETURN_IF_ERROR(ReadNode(chunk, model_count, draft));
  VOXEL_ASSIGN_OR_RETURN(const int32_t file_root, ResolveIds(draft));
  const size_t in_file = draft.nodes.size();
  const int32_t root = Normalize(draft, file_root);

  const auto failed = [&draft](int32_t node, std::string_view what) {
    const VoxChunk& chunk = draft.chunks[static_cast<size_t>(node)];
    return VoxCorrupt(chunk.id, chunk.offset, what);
  };
  int32_t cycle = 0;
  const auto order = ChildrenFirst(draft.nodes, root, cycle);
  if (!order) return failed(cycle, "the node is below itself, a cycle in the scene graph");
  if (const int32_t deep = FindTooDeep(draft.nodes, *order); deep >= 0) {
    return failed(deep, StrCat("the scene graph is nested deeper than ", kVoxMaxDepth, " nodes"));
  }
  const auto reached =
      static_cast<size_t>(std::count_if(order->begin(), order->end(), [in_file](int32_t i) {
        return static_cast<size_t>(i) < in_file;
      }));
  if (reached < in_file) {
    warnings.push_back(
        StrCat(in_file - reached, " scene nodes that the root does not reach were left out"));
  }
  return Compact(std::move(draft.nodes), root, *order);
}

std::vector<SceneNode> DefaultVoxGraph(size_t model_count) {
  std::vector<SceneNode> nodes(2);
  nodes[0].kind = Kind::kTransform;
  nodes[0].frames.emplace_back();
  nodes[0].children = {1};
  for (size_t model = 0; model < model_count; ++model) {
    const auto index = static_cast<int32_t>(nodes.size());
    nodes[1].children.push_back(index);
    SceneNode transform;
    transform.kind = Kind::kTransform;
    transform.frames.emplace_back();
    transform.children = {index + 1};
    if (model > 0) transform.attributes.emplace_back("_hidden", "1");
    nodes.push_back(std::move(transform));
    SceneNode shape;
    shape.kind = Kind::kShape;
    shape.frames.emplace_back();
    shape.models = {static_cast<int32_t>(model)};
    nodes.push_back(std::move(shape));
  }
  return nodes;
}

std::vector<int64_t> CountVoxPaths(const std::vector<SceneNode>& nodes) {
  std::vector<int64_t> paths(nodes.size(), 0);
  int32_t cycle = 0;
  const auto order = ChildrenFirst(nodes, 0, cycle);
  for (const int32_t index : order.value()) {
    const SceneNode& node = nodes[static_cast<size_t>(index)];
    int64_t sum = node.kind == Kind::kShape ? 1 : 0;
    for (const int32_t child : node.children) {
      if (__builtin_add_overflow(sum, paths[static_cast<size_t>(child)], &sum)) {
        sum = std::numeric_limits<int64_t>::max();
      }
    }
    paths[static_cast<size_t>(index)] = sum;
  }
  return paths;
}

bool IsNormalVoxGraph(const std::vector<SceneNode>& nodes, size_t model_count) {
  if (nodes.empty() || nodes[0].kind != Kind::kTransform) return false;
  for (const SceneNode& node : nodes) {
    if (!IsNormalNode(nodes, node, model_count)) return false;
  }
  if (nodes[static_cast<size_t>(nodes[0].children[0])].kind != Kind::kGroup) return false;
  int32_t cycle = 0;
  const auto order = ChildrenFirst(nodes, 0, cycle);
  return order && FindTooDeep(nodes, *order) < 0;
}

}  // namespace voxel
