#include "voxel/grid/document.h"

#include <algorithm>
#include <utility>

#include "voxel/base/hash.h"
#include "voxel/base/recycler.h"

namespace voxel {
namespace {

// One of the volumes that a document keeps.
struct Part {
  bool selection = false;
  std::string_view id;
  const Volume* volume = nullptr;
};

std::vector<Part> PartsOf(const Document& document) {
  std::vector<Part> parts;
  for (const auto& layer : document.layers) parts.push_back({false, layer->id, &layer->volume});
  for (const auto& s : document.selections) parts.push_back({true, s->id, &s->voxels.ink});
  return parts;
}

auto PlaceOf(const std::vector<RefPtr<const Selection>>& selections, std::string_view id) {
  return std::lower_bound(selections.begin(), selections.end(), id,
                          [](const auto& s, std::string_view other) { return s->id < other; });
}

// Documents with more than that are not kept for later copies.
constexpr size_t kKeptTitle = 4096;
constexpr size_t kKeptLists = 64;
constexpr size_t kKeptMaps = 16;

// Lives for the process: documents may end after main.
Recycler<Document, kMostRecycled>& DeadDocuments() {
  static auto* const documents = new Recycler<Document, kMostRecycled>();
  return *documents;
}

bool IsSmallDocument(const Document& document) {
  return document.title.capacity() <= kKeptTitle && document.layers.capacity() <= kKeptLists &&
         document.selections.capacity() <= kKeptLists && document.labels.size() <= kKeptMaps &&
         document.merged.size() <= kKeptMaps;
}

}  // namespace

RefPtr<Document> Document::CopyOf(const Document& document) {
  Document* copy = DeadDocuments().Take();
  if (copy == nullptr) return MakeRef<Document>(document);
  copy->Revive();
  *copy = document;
  return RefPtr<Document>::Adopt(copy);
}

void Document::Recycle(Document* document) {
  document->layers.clear();
  document->selections.clear();
  document->palette = nullptr;
  document->scene = nullptr;
  document->stage = nullptr;
  if (!IsSmallDocument(*document) || !DeadDocuments().Give(document)) delete document;
}

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

const Selection* Document::FindSelection(std::string_view id) const {
  const auto place = PlaceOf(selections, id);
  return place != selections.end() && (*place)->id == id ? place->get() : nullptr;
}

void Document::PutSelection(RefPtr<const Selection> selection) {
  const auto place = PlaceOf(selections, selection->id);
  if (place != selections.end() && (*place)->id == selection->id) {
    selections[place - selections.begin()] = std::move(selection);
  } else {
    selections.insert(place, std::move(selection));
  }
}

bool Document::RemoveSelection(std::string_view id) {
  if (FindSelection(id) == nullptr) return false;
  selections.erase(PlaceOf(selections, id));
  return true;
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
  const std::vector<Part> parts = PartsOf(*this);
  const std::vector<Part> others = PartsOf(other);
  int64_t bytes = 0;
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    const auto same = [part](const Part& p) { return p.volume->SharesRoot(*part->volume); };
    if (std::any_of(parts.begin(), part, same)) continue;  // a linked layer: counted already
    if (std::any_of(others.begin(), others.end(), same)) continue;  // under another id, perhaps
    const auto twin = std::find_if(others.begin(), others.end(), [part](const Part& p) {
      return p.selection == part->selection && p.id == part->id;
    });
    bytes += part->volume->BytesNotIn(twin == others.end() ? Volume() : *twin->volume);
  }
  return bytes;
}

bool SameSettings(const Document& a, const Document& b) {
  const auto same = [](const auto& x, const auto& y) { return x == y || (x && y && *x == *y); };
  return a.title == b.title && a.labels == b.labels && same(a.palette, b.palette) &&
         same(a.stage, b.stage) && a.scene == b.scene && a.merged == b.merged;
}

}  // namespace voxel
