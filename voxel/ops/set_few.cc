#include "voxel/ops/set_few.h"

#include <utility>

namespace voxel {
namespace {

// More than the copies of one brick and its nodes can take.
constexpr int64_t kMostBrickBytes = int64_t{64} << 10;

// The layer that may be written by itself; -1 if there is none.
int PlainLayer(const Document& document, std::string_view id) {
  if (id.empty() && document.layers.size() != 1) return -1;
  const int index = id.empty() ? 0 : document.Find(id);
  if (index < 0) return -1;
  const Layer& layer = *document.layers[static_cast<size_t>(index)];
  if (layer.locked || !layer.linked_to.empty() || !layer.transform.identity()) return -1;
  for (const auto& other : document.layers) {
    if (other->linked_to == layer.id) return -1;
  }
  return index;
}

}  // namespace

std::optional<FewSet> TrySetFew(const Document& document, std::string_view layer,
                                absl::Span<const Coord> positions, absl::Span<const Color> colors,
                                const TaskContext& context) {
  if (positions.empty() || positions.size() > kMostPlaces) return std::nullopt;
  for (const Coord& position : positions) {
    if (!InWorld(position)) return std::nullopt;
  }
  if (colors.size() != 1 && colors.size() != positions.size()) return std::nullopt;
  if (context.max_voxels < std::ssize(positions) ||
      context.max_new_bytes < kMostBrickBytes * std::ssize(positions)) {
    return std::nullopt;
  }
  const int index = PlainLayer(document, layer);
  if (index < 0 || context.progress || !context.Check().ok()) return std::nullopt;
  const Layer& before = *document.layers[static_cast<size_t>(index)];
  PlacesChange change = SetPlaces(before.volume, positions, colors);
  FewSet set;
  set.layer = index;
  set.count = {.changed = change.changed, .unchanged = change.unchanged};
  set.bounds = change.bounds;
  set.let_go_bytes = change.let_go_bytes;
  if (change.changed == 0) {
    set.document = RefPtr<const Document>::Share(&document);
    return set;
  }
  RefPtr<Layer> after = Layer::CopyOf(before);
  after->volume = std::move(change.volume);
  RefPtr<Document> changed = Document::CopyOf(document);
  changed->layers[static_cast<size_t>(index)] = RefPtr<const Layer>::Adopt(after.release());
  set.document = RefPtr<const Document>::Adopt(changed.release());
  return set;
}

}  // namespace voxel
