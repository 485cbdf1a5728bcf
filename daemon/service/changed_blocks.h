// What differs between two documents, layer by layer in world space, and the blocks of it: what
// history.diff and history.watch send.
//
// Layers: match by id; one that is only on one side differs by all its voxels.
// Threading: plain values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/document.h"
#include "voxel/grid/volume.h"
#include "voxeld/v1/history.pb.h"

namespace voxeld {

// One layer that is in either document; on the side that lacks it, it is empty.
struct LayerPair {
  std::string id;
  voxel::Volume before;
  voxel::Volume after;
};

// Layers that may differ: unchanged ones are told by their root and placement, without a look at
// voxels. CALL_CANCELLED, DEADLINE_PASSED.
absl::StatusOr<std::vector<LayerPair>> ChangedLayers(const voxel::Document& before,
                                                     const voxel::Document& after,
                                                     const voxel::TaskContext& task);

// The changed cubes of 16^3 within a box, as they are after; uniform ones larger than a block are
// cut.
class ChangedBlocks {
 public:
  ChangedBlocks(std::vector<LayerPair> layers, const voxel::Box& box)
      : layers_(std::move(layers)), box_(box) {}
  // The next block; false at the end.
  bool Next(v1::LayerBlock* out);

 private:
  void CollectBoxes(const LayerPair& layer);

  const std::vector<LayerPair> layers_;
  const voxel::Box box_;
  size_t next_layer_ = 0;
  std::vector<voxel::Box> boxes_;  // of the layer before that one
  size_t next_box_ = 0;
};

}  // namespace voxeld
