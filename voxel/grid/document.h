// A document: the whole content of a project at one revision. Immutable once shared; changing one
// means copying it (which shares the layers) and replacing what changed.
//
// Threading: a shared document may be read by any number of threads.
// Cost:      a copy costs its layer list, no voxels.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/ref_ptr.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/layer.h"
#include "voxel/grid/palette.h"
#include "voxel/grid/scene_graph.h"
#include "voxel/grid/selection.h"
#include "voxel/grid/stage.h"

namespace voxel {

class Document : public RefCounted<Document> {
 public:
  std::string title;
  std::map<std::string, std::string> labels;
  std::vector<RefPtr<const Layer>> layers;  // bottom first
  RefPtr<const Palette> palette;            // may be null
  RefPtr<const SceneGraph> scene;           // may be null
  RefPtr<const Stage> stage;                // may be null
  // The uid of a project -> its revision whose changes were merged into this document last.
  std::map<std::string, int64_t> merged;
  std::vector<RefPtr<const Selection>> selections;  // by id, ascending

  // A new document that says the same and shares the layers; in the steady state without a heap
  // call.
  static RefPtr<Document> CopyOf(const Document& document);
  // The end of the last reference; called by RefCounted.
  static void Recycle(Document* document);

  // The layer's index, or -1.
  int Find(std::string_view layer_id) const;
  // Replaces layers[index] and gives its volume to the layers linked to it.
  void ReplaceLayer(int index, RefPtr<const Layer> layer);

  // Null if there is none of that id.
  const Selection* FindSelection(std::string_view id) const;
  // Adds it, or puts it in place of the one of its id.
  void PutSelection(RefPtr<const Selection> selection);
  // Whether there was one.
  bool RemoveSelection(std::string_view id);

  int64_t CountVoxels() const;  // summed over the layers, hidden ones included
  Box Bounds() const;           // of all layers, in the world
  // Equal layers (ids, placement, visibility, voxels) give an equal hash; selections do not count.
  uint64_t ContentHash() const;
  // Bytes of bricks and nodes reachable from here, by layers or selections, and not from `other`.
  int64_t BytesNotIn(const Document& other) const;
};

// Whether two documents differ at most in their layers. Palettes and stages are compared by value.
bool SameSettings(const Document& a, const Document& b);

// What a reader of "all layers" sees at `c`: the visible layers, bottom to top, each by its mode
// and opacity.
Color CompositeAt(const Document& document, Coord c);

// The same for the whole document as one volume, in world space. Shares the layer's volume where
// there is just one visible opaque layer in place. Cost: otherwise the bricks of the visible
// layers.
absl::StatusOr<Volume> Composite(const Document& document, const TaskContext& context);

}  // namespace voxel
