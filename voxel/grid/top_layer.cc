#include "voxel/grid/top_layer.h"

namespace voxel {

const Layer* TopLayerAt(const Document& document, Coord c) {
  if (!InWorld(c)) return nullptr;
  for (size_t i = document.layers.size(); i-- > 0;) {
    const Layer& layer = *document.layers[i];
    if (layer.visible && layer.volume.Get(layer.transform.Inverse().Apply(c)) != kAir) {
      return &layer;
    }
  }
  return nullptr;
}

}  // namespace voxel
