#include "voxel/ops/merge_documents.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/grid/diff.h"
#include "voxel/ops/merge_picker.h"
#include "voxel/ops/merge_settings.h"
#include "voxel/ops/three_way.h"

namespace voxel {
namespace {

using LayerPtr = RefPtr<const Layer>;
using LayerIndex = std::unordered_map<std::string_view, LayerPtr>;
using Ids = std::vector<std::string>;

LayerIndex IndexOf(const Document& document) {
  LayerIndex index;
  for (const LayerPtr& layer : document.layers) index.emplace(layer->id, layer);
  return index;
}

LayerPtr Get(const LayerIndex& index, const std::string& id) {
  const auto found = index.find(id);
  return found == index.end() ? LayerPtr() : found->second;
}

bool SameVolume(const Volume& a, const Volume& b) {
  return a.SharesRoot(b) || Diff(a, b).total() == 0;
}

// A linked layer's voxels are its original's.
bool Unchanged(const Layer& base, const Layer& now) {
  return SameSettings(base, now) && (!now.linked_to.empty() || SameVolume(base.volume, now.volume));
}

// The layers of a merge, without their order.
class LayerMerger {
 public:
  LayerMerger(const Document& base, const Document& ours, const Document& theirs,
              MergePicker& picker, const TaskContext& context, DocumentMerge& merge)
      : base_(IndexOf(base)),
        ours_(IndexOf(ours)),
        theirs_(IndexOf(theirs)),
        picker_(picker),
        context_(context),
        merge_(merge) {}

  absl::Status Run(const Document& ours, const Document& theirs) {
    for (const LayerPtr& layer : ours.layers) VOXEL_RETURN_IF_ERROR(MergeLayer(layer->id));
    for (const LayerPtr& layer : theirs.layers) {
      if (!ours_.contains(layer->id)) VOXEL_RETURN_IF_ERROR(MergeLayer(layer->id));
    }
    if (result_.empty()) return Error(Reason::LAST_LAYER, "the merge would leave no layer");
    return MendLinks();
  }

  bool contains(const std::string& id) const { return result_.contains(id); }
  // By id, the keys owned by the layers.
  LayerIndex& result() { return result_; }

 private:
  absl::Status MergeLayer(const std::string& id) {
    const LayerPtr base = Get(base_, id);
    const LayerPtr ours = Get(ours_, id);
    const LayerPtr theirs = Get(theirs_, id);
    LayerPtr merged;
    if (ours && theirs) {
      VOXEL_ASSIGN_OR_RETURN(merged, MergeBoth(base ? *base : Layer(), ours, theirs));
    } else if (ours) {
      VOXEL_ASSIGN_OR_RETURN(merged, base ? AfterRemoval(*base, ours) : ours);
    } else {
      merged = base ? AfterOurRemoval(*base, theirs) : Added(theirs);
    }
    if (merged) result_.emplace(merged->id, merged);
    return absl::OkStatus();
  }

  LayerPtr Added(const LayerPtr& theirs) {
    if (theirs->linked_to.empty()) merge_.taken += theirs->volume.CountVoxels();
    return theirs;
  }

  // What becomes of our layer where the branch removed it.
  absl::StatusOr<LayerPtr> AfterRemoval(const Layer& base, const LayerPtr& ours) {
    if (!Unchanged(base, *ours)) {
      AddLayerConflict(base.volume, *ours);
      if (!picker_.theirs_win()) return ours;
    }
    if (ours->locked) return Locked(*ours);
    if (ours->linked_to.empty()) merge_.taken += ours->volume.CountVoxels();
    return LayerPtr();
  }

  // What becomes of the branch's layer where we removed it.
  LayerPtr AfterOurRemoval(const Layer& base, const LayerPtr& theirs) {
    if (Unchanged(base, *theirs)) return LayerPtr();
    AddLayerConflict(base.volume, *theirs);
    return picker_.theirs_win() ? Added(theirs) : LayerPtr();
  }

  void AddLayerConflict(const Volume& base, const Layer& changed) {
    VolumeDiff diff;
    if (changed.linked_to.empty()) diff = Diff(base, changed.volume);
    picker_.AddConflict("layer", changed.id, diff.total(), changed.transform.Apply(diff.bounds));
    merge_.conflicting_voxels += diff.total();
  }

  absl::StatusOr<LayerPtr> MergeBoth(const Layer& base, const LayerPtr& ours,
                                     const LayerPtr& theirs) {
    auto merged = MakeRef<Layer>(*ours);
    PickSettings(base, *ours, *theirs, *merged);
    if (merged->linked_to.empty()) {
      VOXEL_RETURN_IF_ERROR(MergeVoxels(base, *ours, *theirs, *merged));
    }
    if (ours->locked && !merged->volume.SharesRoot(ours->volume)) return Locked(*ours);
    const auto is = [&](const Layer& side) {
      return SameSettings(*merged, side) && merged->volume.SharesRoot(side.volume);
    };
    if (is(*ours)) return ours;
    if (is(*theirs)) return theirs;
    return LayerPtr(std::move(merged));
  }

  void PickSettings(const Layer& base, const Layer& ours, const Layer& theirs, Layer& merged) {
    const auto pick = [&](auto Layer::*field, std::string_view what) {
      merged.*field = picker_.Pick(base.*field, ours.*field, theirs.*field, what, ours.id);
    };
    pick(&Layer::title, "title");
    pick(&Layer::group, "group");
    pick(&Layer::visible, "visible");
    pick(&Layer::locked, "locked");
    pick(&Layer::opacity, "opacity");
    pick(&Layer::mode, "mode");
    pick(&Layer::material, "material");
    pick(&Layer::transform, "transform");
    pick(&Layer::linked_to, "linked_to");
    merged.labels = picker_.PickMap(base.labels, ours.labels, theirs.labels, "label", ours.id);
  }

  absl::Status MergeVoxels(const Layer& base, const Layer& ours, const Layer& theirs,
                           Layer& merged) {
    ThreeWayCount count;
    VOXEL_ASSIGN_OR_RETURN(Volume kept, MergeVolumes(base.volume, ours.volume, theirs.volume,
                                                     Prefer::kOurs, context_, count));
    merge_.taken += count.taken;
    merge_.same += count.same;
    merge_.conflicting_voxels += count.conflicts;
    merged.volume = kept;
    if (count.conflicts == 0) return absl::OkStatus();
    ThreeWayCount again;
    VOXEL_ASSIGN_OR_RETURN(Volume given, MergeVolumes(base.volume, ours.volume, theirs.volume,
                                                      Prefer::kTheirs, context_, again));
    // The two results differ just where the sides are at odds.
    const Box bounds = merged.transform.Apply(Diff(kept, given).bounds);
    picker_.AddConflict("voxels", ours.id, count.conflicts, bounds);
    if (picker_.theirs_win()) merged.volume = std::move(given);
    return absl::OkStatus();
  }

  // Linked layers show a layer that has voxels of its own: where that went, or now follows another
  // itself, the link is led on or ends, and then the layer keeps the voxels that it showed. In the
  // order of the ids, so that it does not matter which side is ours where links go round.
  absl::Status MendLinks() {
    Ids ids;
    for (const auto& [id, layer] : result_) ids.emplace_back(id);
    std::sort(ids.begin(), ids.end());
    for (const std::string& id : ids) {
      const LayerPtr layer = Get(result_, id);
      if (layer->linked_to.empty()) continue;
      const LayerPtr original = OriginalOf(*layer);
      if (original && original->id == layer->linked_to &&
          original->volume.SharesRoot(layer->volume)) {
        continue;
      }
      auto mended = MakeRef<Layer>(*layer);
      mended->linked_to = original ? original->id : std::string();
      if (original) {
        mended->volume = original->volume;
      } else {
        picker_.AddConflict("linked_to", id);
        VOXEL_ASSIGN_OR_RETURN(mended->volume, ShownBefore(*layer));
      }
      result_.erase(id);
      result_.emplace(mended->id, LayerPtr(mended));
    }
    return absl::OkStatus();
  }

  // What a linked layer showed on the side that it comes from; of both, if both had the link.
  absl::StatusOr<Volume> ShownBefore(const Layer& layer) const {
    const LayerPtr base = Get(base_, layer.id);
    const LayerPtr ours = Get(ours_, layer.id);
    const LayerPtr theirs = Get(theirs_, layer.id);
    const bool in_ours = ours && ours->linked_to == layer.linked_to;
    const bool in_theirs = theirs && theirs->linked_to == layer.linked_to;
    if (!in_ours || !in_theirs) return in_theirs ? theirs->volume : layer.volume;
    ThreeWayCount uncounted;
    return MergeVolumes(base ? base->volume : Volume(), ours->volume, theirs->volume,
                        picker_.theirs_win() ? Prefer::kTheirs : Prefer::kOurs, context_,
                        uncounted);
  }

  // The end of a chain of links; null if one is missing or they go round.
  LayerPtr OriginalOf(const Layer& layer) const {
    LayerPtr at = Get(result_, layer.linked_to);
    for (size_t steps = 0; at && !at->linked_to.empty(); ++steps) {
      if (steps > result_.size()) return LayerPtr();
      at = Get(result_, at->linked_to);
    }
    return at;
  }

  static absl::Status Locked(const Layer& layer) {
    return Error(
        Reason::LAYER_LOCKED,
        StrCat("the merge would change layer \"", layer.id, "\", which is locked; unlock it first"),
        "project");
  }

  const LayerIndex base_;
  const LayerIndex ours_;
  const LayerIndex theirs_;
  MergePicker& picker_;
  const TaskContext& context_;
  DocumentMerge& merge_;
  LayerIndex result_;
};

// The ids of a document's layers that `keep` says.
template <typename Keep>
Ids IdsOf(const Document& document, Keep keep) {
  Ids ids;
  for (const LayerPtr& layer : document.layers) {
    if (keep(layer->id)) ids.push_back(layer->id);
  }
  return ids;
}

// The order of the result: of those that are in all three, the side's that changed it; what only
// one side has goes right above what it stands on there.
Ids MergeOrder(const Document& base, const Document& ours, const Document& theirs,
               const LayerMerger& layers, MergePicker& picker) {
  const LayerIndex in_base = IndexOf(base);
  const LayerIndex in_ours = IndexOf(ours);
  const LayerIndex in_theirs = IndexOf(theirs);
  const auto in_all = [&](const std::string& id) {
    return in_base.contains(id) && in_ours.contains(id) && in_theirs.contains(id);
  };
  const Ids order = IdsOf(base, in_all);
  const Ids our_order = IdsOf(ours, in_all);
  const Ids their_order = IdsOf(theirs, in_all);
  const bool theirs_lead = picker.Pick(order, our_order, their_order, "order") != our_order;
  const Document& lead = theirs_lead ? theirs : ours;
  const LayerIndex& in_lead = theirs_lead ? in_theirs : in_ours;
  const auto kept = [&](const std::string& id) { return layers.contains(id); };

  std::unordered_map<std::string, Ids> above;  // "": at the bottom
  std::string anchor;
  for (std::string& id : IdsOf(theirs_lead ? ours : theirs, kept)) {
    if (in_lead.contains(id)) {
      anchor = std::move(id);
    } else {
      above[anchor].push_back(std::move(id));
    }
  }
  Ids result = above[""];
  for (const std::string& id : IdsOf(lead, kept)) {
    result.push_back(id);
    const Ids& followers = above[id];
    result.insert(result.end(), followers.begin(), followers.end());
  }
  return result;
}

// A path into the scene graph is good for the document that the graph came from.
void MendScenePath(const Document& result, const Document& theirs, const LayerIndex& in_ours,
                   const LayerIndex& in_theirs, LayerPtr& layer) {
  const LayerPtr source = Get(result.scene == theirs.scene ? in_theirs : in_ours, layer->id);
  const std::vector<int32_t> none;
  const std::vector<int32_t>& path = source ? source->scene_path : none;
  if (layer->scene_path == path) return;
  auto mended = MakeRef<Layer>(*layer);
  mended->scene_path = path;
  layer = std::move(mended);
}

absl::Status ConflictError(const DocumentMerge& merge) {
  std::string text = StrCat(merge.conflicts.size(), " conflicts, in ", merge.conflicting_voxels,
                            " voxels; policy takes ours or theirs. They are: ");
  for (size_t i = 0; i < merge.conflicts.size(); ++i) {
    const MergeConflict& conflict = merge.conflicts[i];
    if (i == 8) {
      text += ", ...";
      break;
    }
    StrAppend(&text, i == 0 ? "" : ", ", conflict.what,
              conflict.layer.empty() ? "" : StrCat(" of layer \"", conflict.layer, "\""));
  }
  absl::Status status = Error(Reason::MERGE_CONFLICT, text, "policy");
  SetFact(status, "conflicts", StrCat(merge.conflicts.size()));
  SetFact(status, "voxels", StrCat(merge.conflicting_voxels));
  return status;
}

bool SameParts(const Document& a, const Document& b) {
  return a.layers == b.layers && a.selections == b.selections;
}

// Whether the two differ at most in what they remember of merges.
bool SameButMerges(const Document& a, const Document& b) {
  Document copy = a;
  copy.merged = b.merged;
  return SameParts(a, b) && SameSettings(copy, b);
}

}  // namespace

absl::StatusOr<DocumentMerge> MergeDocuments(const Document& base, RefPtr<const Document> ours,
                                             const Document& theirs, MergePolicy policy,
                                             const TaskContext& context) {
  DocumentMerge merge;
  MergePicker picker(policy);
  auto result = MakeRef<Document>(*ours);
  MergeSettings(base, *ours, theirs, picker, *result);
  LayerMerger layers(base, *ours, theirs, picker, context, merge);
  VOXEL_RETURN_IF_ERROR(layers.Run(*ours, theirs));
  const Ids order = MergeOrder(base, *ours, theirs, layers, picker);
  merge.conflicts = std::move(picker.conflicts());
  if (policy == MergePolicy::kFail && !merge.conflicts.empty()) return ConflictError(merge);
  const LayerIndex in_ours = IndexOf(*ours);
  const LayerIndex in_theirs = IndexOf(theirs);
  result->layers.clear();
  for (const std::string& id : order) {
    LayerPtr layer = Get(layers.result(), id);
    MendScenePath(*result, theirs, in_ours, in_theirs, layer);
    result->layers.push_back(std::move(layer));
  }
  merge.document =
      SameButMerges(*result, *ours) ? std::move(ours) : RefPtr<const Document>(std::move(result));
  return merge;
}

}  // namespace voxel
