#include "voxel/grid/layer.h"

#include "voxel/base/recycler.h"

namespace voxel {
namespace {

// Layers with more than that beside their voxels are not kept for later copies.
constexpr size_t kKeptText = 4096;
constexpr size_t kKeptLabels = 16;
constexpr size_t kKeptPath = 64;

// Lives for the process: documents may end after main.
Recycler<Layer, kMostRecycled>& DeadLayers() {
  static auto* const layers = new Recycler<Layer, kMostRecycled>();
  return *layers;
}

bool IsSmall(const Layer& layer) {
  const size_t text = layer.title.capacity() + layer.group.capacity() + layer.material.capacity();
  return text <= kKeptText && layer.labels.size() <= kKeptLabels &&
         layer.scene_path.capacity() <= kKeptPath;
}

}  // namespace

RefPtr<Layer> Layer::CopyOf(const Layer& layer) {
  Layer* copy = DeadLayers().Take();
  if (copy == nullptr) return MakeRef<Layer>(layer);
  copy->Revive();
  *copy = layer;
  return RefPtr<Layer>::Adopt(copy);
}

void Layer::Recycle(Layer* layer) {
  layer->volume = Volume();
  if (!IsSmall(*layer) || !DeadLayers().Give(layer)) delete layer;
}

}  // namespace voxel
