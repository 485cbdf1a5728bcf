#include "daemon/codec/volume_numbers.h"

#include <utility>

#include "voxel/base/check.h"

namespace voxeld {

using voxel::Document;
using voxel::RefPtr;
using voxel::Volume;

uint64_t FirstSelection(const Document& document) {
  return document.layers.size() + (document.scene ? 2 * document.scene->models.size() : 0);
}

uint64_t VolumeCount(const Document& document) {
  return FirstSelection(document) + document.selections.size();
}

const Volume* VolumeAt(const Document& document, uint64_t number) {
  const uint64_t layers = document.layers.size();
  if (number < layers) return &document.layers[number]->volume;
  if (number >= VolumeCount(document)) return nullptr;
  if (const uint64_t first = FirstSelection(document); number >= first) {
    return &document.selections[number - first]->voxels.ink;
  }
  const voxel::SceneModel& model = document.scene->models[(number - layers) / 2];
  return (number - layers) % 2 == 0 ? &model.voxels : &model.indices;
}

void SetVolumes(Document& document, NumberedVolumes volumes) {
  const uint64_t layers = document.layers.size();
  RefPtr<voxel::SceneGraph> scene;  // copied once, if at all
  for (auto& [number, volume] : volumes) {
    VOXEL_CHECK(number < VolumeCount(document));
    if (number < layers) {
      auto layer = voxel::MakeRef<voxel::Layer>(*document.layers[number]);
      layer->volume = std::move(volume);
      document.layers[number] = RefPtr<const voxel::Layer>(std::move(layer));
      continue;
    }
    if (const uint64_t first = FirstSelection(document); number >= first) {
      auto selection = voxel::MakeRef<voxel::Selection>(*document.selections[number - first]);
      selection->voxels.ink = std::move(volume);
      document.selections[number - first] = RefPtr<const voxel::Selection>(std::move(selection));
      continue;
    }
    if (!scene) scene = voxel::MakeRef<voxel::SceneGraph>(*document.scene);
    voxel::SceneModel& model = scene->models[(number - layers) / 2];
    ((number - layers) % 2 == 0 ? model.voxels : model.indices) = std::move(volume);
  }
  if (scene) document.scene = RefPtr<const voxel::SceneGraph>(std::move(scene));
}

int64_t OriginalOf(const Document& document, uint64_t number) {
  if (number >= document.layers.size()) return -1;
  const std::string& id = document.layers[number]->linked_to;
  return id.empty() ? -1 : document.Find(id);
}

void RenewLinks(Document& document) {
  NumberedVolumes renewed;
  for (uint64_t i = 0; i < document.layers.size(); ++i) {
    const int64_t original = OriginalOf(document, i);
    if (original < 0) continue;
    const Volume& volume = document.layers[static_cast<size_t>(original)]->volume;
    if (!document.layers[i]->volume.SharesRoot(volume)) renewed.emplace_back(i, volume);
  }
  SetVolumes(document, std::move(renewed));
}

}  // namespace voxeld
