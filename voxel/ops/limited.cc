#include "voxel/ops/limited.h"

#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/grid/combine.h"
#include "voxel/ops/layer_space.h"
#include "voxel/ops/layer_view.h"

namespace voxel {

absl::StatusOr<Volume> Limited(const Volume& volume, const VoxelSet& set,
                               const TaskContext& context) {
  const Mode mode = set.complement ? Mode::kSub : Mode::kIntersect;
  return BlendVolumes(volume, set.ink, mode, 255, context);
}

absl::StatusOr<RefPtr<const Document>> Limited(const Document& document, const VoxelSet& set,
                                               const TaskContext& context) {
  RefPtr<Document> out = MakeRef<Document>(document);
  for (RefPtr<const Layer>& layer : out->layers) {
    VOXEL_ASSIGN_OR_RETURN(const Volume ink,
                           ViewFrom(LayerSpace(layer->transform), set.ink, Transform(), context));
    RefPtr<Layer> part = MakeRef<Layer>(*layer);
    VOXEL_ASSIGN_OR_RETURN(part->volume,
                           Limited(layer->volume, VoxelSet{ink, set.complement}, context));
    part->linked_to.clear();
    layer = std::move(part);
  }
  return RefPtr<const Document>(std::move(out));
}

}  // namespace voxel
