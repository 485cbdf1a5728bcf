#include "voxel/grid/document.h"

#include <algorithm>
#include <utility>

#include "voxel/base/hash.h"

namespace voxel {

int Document::Find(std::string_view layer_id) const {
  for (size_t i = 0; i < layers.size(); ++i) {
    if (layers[i]->id == layer_id) return static_cast<int>(i);
  }
  return -1;
}

void Document::ReplaceLayer(int index, RefPtr<const Layer> layer) {
  layers[index] = layer;
  for (RefPtr<const Layer>& other : layers) {
    if (other->linked_to != layer->id || other->volume.SharesRoot(layer->volume)) continue;
    RefPtr<Layer> copy = MakeRef<Layer>(*other);
    copy->volume = layer->volume;
    other = RefPtr<const Layer>::Adopt(copy.release());
  }
}

int64_t Document::CountVoxels() const {
  int64_t n = 0;
  for (const auto& layer : layers) n += layer->volume.CountVoxels();
  return n;
}

Box Document::Bounds() const {
  Box bounds;
  for (const auto& layer : layers) bounds = bounds.Union(layer->WorldBounds());
  return bounds;
}

uint64_t Document::ContentHash() const {
  uint64_t hash = kHashSeed;
  for (const auto& layer : layers) {
    hash = HashBytes(layer->id.data(), layer->id.size(), hash);
    const int32_t placement[5] = {layer->transform.rotation.byte(), layer->transform.offset.x,
                                  layer->transform.offset.y, layer->transform.offset.z,
                                  layer->visible ? 1 : 0};
    hash = HashBytes(placement, sizeof(placement), hash);
    hash = HashMix(hash, layer->volume.ContentHash());
  }
  return hash;
}

int64_t Document::BytesNotIn(const Document& other) const {
  int64_t bytes = 0;
  for (size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = *layers[i];
    const auto same_before =
        std::any_of(layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const auto& l) { return l->volume.SharesRoot(layer.volume); });
    if (same_before) continue;  // a linked layer: counted with its original
    const auto held = std::any_of(other.layers.begin(), other.layers.end(), [&](const auto& l) {
      return l->volume.SharesRoot(layer.volume);
    });
    if (held) continue;  // under another id, perhaps
    const int twin = other.Find(layer.id);
    bytes += layer.volume.BytesNotIn(twin < 0 ? Volume() : other.layers[twin]->volume);
  }
  return bytes;
}

bool SameSettings(const Document& a, const Document& b) {
  const auto same = [](const auto& x, const auto& y) { return x == y || (x && y && *x == *y); };
  return a.title == b.title && a.labels == b.labels && same(a.palette, b.palette) &&
         same(a.stage, b.stage) && a.scene == b.scene && a.merged == b.merged;
}

}  // namespace voxel
