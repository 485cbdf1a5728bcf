// A MagicaVoxel scene graph unfolded into a tree, so that one instance can be changed without
// touching the others, and folded back into a graph that shares every node whose subtree is still
// the same.
//
// Data flow:  SceneGraph -> tree (a node for each way from the root) -> edits -> nodes.
// Ownership:  the scene given must outlive the tree; nodes that nobody changes stay in it.
// Cost:       one small record for each node of each way to a shape; subtrees without shapes stay
//             folded.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "voxel/formats/vox_instances.h"
#include "voxel/grid/scene_graph.h"
#include "voxel/grid/transform.h"

namespace voxel {

class VoxSceneTree {
 public:
  using Id = int32_t;
  static constexpr Id kNone = -1;

  // Unfolds `scene`, or begins with nothing but a root and its group. REQUIRES: IsNormalVoxGraph,
  // or null.
  explicit VoxSceneTree(const SceneGraph* scene);

  Id root_group() const { return At(0).children[0]; }
  Id parent(Id id) const { return At(id).parent; }
  const std::vector<Id>& children(Id id) const { return At(id).children; }
  // Of an unfolded node; its `children` are the source's, not the tree's.
  const SceneNode& node(Id id) const { return At(id).own != nullptr ? *At(id).own : *At(id).base; }
  // The node for changing: a copy of its own from now on.
  SceneNode& Change(Id id);

  // The transforms right above shapes that came from the scene, in the order of FindVoxInstances,
  // each with its path.
  const std::vector<std::pair<Id, std::vector<int32_t>>>& leaves() const { return leaves_; }

  Id AddGroup(Id parent_group,
              std::string_view name);  // a named transform and a group; returns the group
  Id AddLeaf(Id parent_group,
             int32_t layer);  // a transform and a shape without models; returns the transform
  // Replaces a transform's shape or group by a new group; returns the group.
  Id ReplaceByGroup(Id transform);
  void Move(Id transform, Id new_group);  // to its end
  // Removes a transform, and groups above it that hold nothing any more, but for the root group.
  void Remove(Id transform);

  // Placement of what stands in `group`, from the first keyframes above it.
  Transform GroupPlacement(Id group) const;
  // As VoxInstance::group of what stands in `group`.
  std::string GroupPath(Id group) const;
  // The group of that path below the root group, made where it does not exist.
  Id FindOrAddGroup(std::string_view path);
  // Sorts the children of every group by `rank` of the first leaf below them; children without a
  // ranked leaf stay where they are. `rank[id]` is of leaf transforms, -1: none.
  void SortByRank(const std::vector<int32_t>& rank);

  size_t size() const { return nodes_.size(); }
  std::vector<SceneNode> Fold() const;

 private:
  struct Node {
    const SceneNode* base = nullptr;  // in the scene
    int32_t source = kNone;           // its index there
    Id parent = kNone;
    bool folded = false;  // a subtree without shapes, kept as the scene has it
    std::vector<Id> children;
    std::unique_ptr<SceneNode> own;
  };
  // A node of the result. Equal keys mean equal subtrees from the same source; new nodes are never
  // shared.
  struct Folded {
    const SceneNode* content = nullptr;
    int32_t source = kNone;
    int32_t order = 0;
    std::vector<int32_t> children;
  };
  using Key = std::tuple<int32_t, std::string, std::vector<int32_t>>;
  struct FoldState {
    std::vector<Folded> nodes;
    std::map<Key, int32_t> known;
    std::vector<int32_t> kept;  // source -> folded node of a subtree that was never unfolded
    int32_t next_order = 0;
  };

  Node& At(Id id) { return nodes_[static_cast<size_t>(id)]; }
  const Node& At(Id id) const { return nodes_[static_cast<size_t>(id)]; }
  Id Add(Id parent, SceneNode::Kind kind);
  Id Unfold(int32_t source, Id parent, const std::vector<int64_t>& paths,
            std::vector<int32_t>& path);
  Id FindGroup(Id group, std::string_view name) const;
  int32_t SortBelow(Id id, const std::vector<int32_t>& rank);
  int32_t FoldNode(Id id, FoldState& state) const;
  int32_t FoldKept(int32_t source, FoldState& state) const;

  const SceneGraph* scene_;
  std::vector<Node> nodes_;
  std::vector<std::pair<Id, std::vector<int32_t>>> leaves_;
};

}  // namespace voxel
