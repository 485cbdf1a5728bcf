#include "daemon/store/change_summary.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "absl/functional/function_ref.h"
#include "voxel/grid/diff.h"
#include "voxel/ops/layer_space.h"

namespace voxeld {
namespace {

using voxel::Box;
using voxel::Document;
using voxel::Layer;
using LayerList = std::vector<voxel::RefPtr<const Layer>>;
using PairFn = absl::FunctionRef<void(const Layer* before, const Layer* after)>;

bool SameOrder(const LayerList& a, const LayerList& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x == y || x->id == y->id; });
}

// Calls fn for each layer of either list, with its partner or null.
void ForEachPair(const LayerList& before, const LayerList& after, PairFn fn) {
  if (SameOrder(before, after)) {
    for (size_t i = 0; i < before.size(); ++i) fn(before[i].get(), after[i].get());
    return;
  }
  std::unordered_map<std::string_view, const Layer*> old;
  for (const auto& layer : before) old.emplace(layer->id, layer.get());
  for (const auto& layer : after) {
    const auto found = old.find(layer->id);
    fn(found == old.end() ? nullptr : found->second, layer.get());
    if (found != old.end()) old.erase(found);
  }
  for (const auto& layer : before) {
    if (old.contains(layer->id)) fn(layer.get(), nullptr);
  }
}

using SelectionList = std::vector<voxel::RefPtr<const voxel::Selection>>;

bool SameSelections(const SelectionList& a, const SelectionList& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x == y || (x->id == y->id && voxel::SameVoxels(x->voxels, y->voxels));
  });
}

// The ids that stand in both lists and between which the order changed: what is left after the
// common head and tail.
std::vector<std::string> Reordered(const LayerList& before, const LayerList& after) {
  const auto common = [](const LayerList& list, const LayerList& other) {
    std::unordered_map<std::string_view, bool> known;
    for (const auto& layer : other) known.emplace(layer->id, true);
    std::vector<std::string_view> ids;
    for (const auto& layer : list) {
      if (known.contains(layer->id)) ids.push_back(layer->id);
    }
    return ids;
  };
  const std::vector<std::string_view> a = common(before, after);
  const std::vector<std::string_view> b = common(after, before);
  const auto head = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto tail = std::mismatch(a.rbegin(), std::make_reverse_iterator(head.first), b.rbegin(),
                                  std::make_reverse_iterator(head.second));
  return {head.first, tail.first.base()};
}

void AddVoxels(int64_t voxels, const Box& bounds, ChangeSummary& summary) {
  if (voxels == 0) return;
  summary.voxels_changed += voxels;
  summary.bounds = summary.bounds.Union(bounds);
}

void AddWhole(const Layer& layer, ChangeSummary& summary) {
  AddVoxels(layer.volume.CountVoxels(), layer.WorldBounds(), summary);
}

void AddPair(const Layer* before, const Layer* after, ChangeSummary& summary) {
  if (before == after) return;
  const int64_t voxels = summary.voxels_changed;
  bool differs = before == nullptr || after == nullptr || !SameSettings(*before, *after);
  if (before != nullptr && after != nullptr && before->transform == after->transform) {
    if (!before->volume.SharesRoot(after->volume)) {
      const voxel::VolumeDiff diff = voxel::Diff(before->volume, after->volume);
      AddVoxels(diff.total(), after->transform.Apply(diff.bounds), summary);
    }
  } else {
    if (before != nullptr) AddWhole(*before, summary);
    if (after != nullptr) AddWhole(*after, summary);
  }
  differs |= summary.voxels_changed != voxels;
  if (differs) summary.layers.push_back(after != nullptr ? after->id : before->id);
}

// What of a box of the world the layer can have voxels in, in its own space.
Box LocalPart(const Layer& layer, const Box& box) {
  return *voxel::LayerSpace(layer.transform).Clip(box);
}

bool HasVoxelIn(const Layer* layer, const Box& box) {
  if (layer == nullptr) return false;
  return voxel::Diff(voxel::Volume(), layer->volume, LocalPart(*layer, box)).total() > 0;
}

}  // namespace

ChangeSummary SummarizeChange(const Document& before, const Document& after) {
  ChangeSummary summary;
  if (&before == &after) return summary;
  ForEachPair(before.layers, after.layers,
              [&summary](const Layer* b, const Layer* a) { AddPair(b, a, summary); });
  if (!SameOrder(before.layers, after.layers)) {
    for (std::string& id : Reordered(before.layers, after.layers)) {
      const auto& known = summary.layers;
      if (std::find(known.begin(), known.end(), id) == known.end()) {
        summary.layers.push_back(std::move(id));
      }
    }
  }
  summary.changed = !summary.layers.empty() || !SameSettings(before, after) ||
                    !SameSelections(before.selections, after.selections);
  return summary;
}

bool BoxChanged(const Document& before, const Document& after, const Box& box) {
  bool changed = false;
  ForEachPair(before.layers, after.layers, [&](const Layer* b, const Layer* a) {
    if (changed || b == a) return;
    if (b != nullptr && a != nullptr && b->transform == a->transform) {
      changed = !b->volume.SharesRoot(a->volume) &&
                voxel::Diff(b->volume, a->volume, LocalPart(*a, box)).total() > 0;
    } else {
      changed = HasVoxelIn(b, box) || HasVoxelIn(a, box);
    }
  });
  return changed;
}

}  // namespace voxeld
