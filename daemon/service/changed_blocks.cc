#include "daemon/service/changed_blocks.h"

#include <utility>

#include "daemon/convert/blocks.h"
#include "daemon/service/reading.h"
#include "voxel/base/status_macros.h"
#include "voxel/grid/diff.h"

namespace voxeld {
namespace {

using voxel::Box;
using voxel::Document;
using voxel::Layer;
using voxel::Volume;

absl::StatusOr<Volume> InWorldSpace(const Document& document, const std::string& id,
                                    const voxel::TaskContext& task) {
  if (document.Find(id) < 0) return Volume();
  return ReadVolume(document, id, task);
}

const Layer* Get(const Document& document, const std::string& id) {
  const int index = document.Find(id);
  return index < 0 ? nullptr : document.layers[static_cast<size_t>(index)].get();
}

}  // namespace

absl::StatusOr<std::vector<LayerPair>> ChangedLayers(const Document& before, const Document& after,
                                                     const voxel::TaskContext& task) {
  std::vector<std::string> ids;
  for (const auto& layer : before.layers) ids.push_back(layer->id);
  for (const auto& layer : after.layers) {
    if (before.Find(layer->id) < 0) ids.push_back(layer->id);
  }
  std::vector<LayerPair> pairs;
  for (const std::string& id : ids) {
    const Layer* a = Get(before, id);
    const Layer* b = Get(after, id);
    if (a != nullptr && b != nullptr && a->volume.SharesRoot(b->volume) &&
        a->transform == b->transform)
      continue;
    LayerPair pair{.id = id, .before = {}, .after = {}};
    VOXEL_ASSIGN_OR_RETURN(pair.before, InWorldSpace(before, id, task));
    VOXEL_ASSIGN_OR_RETURN(pair.after, InWorldSpace(after, id, task));
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

bool ChangedBlocks::Next(v1::LayerBlock* out) {
  while (next_box_ == boxes_.size()) {
    if (next_layer_ == layers_.size()) return false;
    CollectBoxes(layers_[next_layer_++]);
  }
  const LayerPair& layer = layers_[next_layer_ - 1];
  const Box part = boxes_[next_box_++];
  std::vector<voxel::Color> colors(static_cast<size_t>(part.Voxels()));
  layer.after.ReadBox(part, colors.data());
  out->set_layer(layer.id);
  FromVoxels(part, colors, /*palette_allowed=*/true, out->mutable_block());
  return true;
}

void ChangedBlocks::CollectBoxes(const LayerPair& layer) {
  boxes_.clear();
  next_box_ = 0;
  voxel::ForEachChangedCell(
      layer.before, layer.after, box_, [&](const voxel::Cell& cell, const voxel::Cell&) {
        const Box part = cell.box().Intersection(box_);
        constexpr int32_t kStep = 64;
        for (int32_t z = part.min.z; z < part.max.z; z += kStep) {
          for (int32_t y = part.min.y; y < part.max.y; y += kStep) {
            for (int32_t x = part.min.x; x < part.max.x; x += kStep) {
              boxes_.push_back(part.Intersection({{x, y, z}, {x + kStep, y + kStep, z + kStep}}));
            }
          }
        }
        return true;
      });
}

}  // namespace voxeld
