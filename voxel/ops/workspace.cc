#include "voxel/ops/workspace.h"

#include <utility>

#include "voxel/grid/diff.h"

namespace voxel {
Workspace::Workspace(RefPtr<const Document> document)
    : document_(std::move(document)), works_(document_->layers.size()) {}

VolumeEditor& Workspace::editor(int layer) {
  std::unique_ptr<VolumeEditor>& editor = works_[layer].editor;
  if (editor == nullptr) editor = std::make_unique<VolumeEditor>(document_->layers[layer]->volume);
  return *editor;
}

Volume Workspace::Current(int layer) {
  const Layer& shown = *document_->layers[layer];
  if (!shown.linked_to.empty()) {
    if (const int original = document_->Find(shown.linked_to); original >= 0) layer = original;
  }
  if (works_[layer].editor != nullptr) return works_[layer].editor->Snapshot();
  return document_->layers[layer]->volume;
}

RefPtr<const Document> Workspace::Present() {
  auto present = MakeRef<Document>(*document_);
  for (size_t i = 0; i < works_.size(); ++i) {
    if (works_[i].editor == nullptr) continue;
    auto layer = MakeRef<Layer>(*document_->layers[i]);
    layer->volume = works_[i].editor->Snapshot();
    present->ReplaceLayer(static_cast<int>(i), RefPtr<const Layer>::Adopt(layer.release()));
  }
  return RefPtr<const Document>::Adopt(present.release());
}

void Workspace::Put(int layer, Volume volume) {
  works_[layer].put_bytes = volume.BytesNotIn(document_->layers[layer]->volume);
  works_[layer].editor = std::make_unique<VolumeEditor>(std::move(volume));
}

int64_t Workspace::new_bytes() const {
  int64_t bytes = 0;
  for (const Work& work : works_) {
    if (work.editor != nullptr) bytes += work.put_bytes + work.editor->new_bytes();
  }
  return bytes;
}

RefPtr<const Document> Workspace::Finish() {
  RefPtr<Document> changed;
  for (size_t i = 0; i < works_.size(); ++i) {
    if (works_[i].editor == nullptr) continue;
    Volume volume = works_[i].editor->Commit();
    works_[i].editor.reset();
    const Layer& before = *document_->layers[i];
    if (SameVoxels(volume, before.volume)) continue;
    if (!changed) changed = Document::CopyOf(*document_);
    RefPtr<Layer> layer = Layer::CopyOf(before);
    layer->volume = std::move(volume);
    changed->ReplaceLayer(static_cast<int>(i), RefPtr<const Layer>::Adopt(layer.release()));
  }
  return changed ? RefPtr<const Document>::Adopt(changed.release()) : document_;
}

}  // namespace voxel
