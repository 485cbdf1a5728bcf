// RevertChange: undoing one change under later ones.
#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/grid/diff.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/three_way.h"

namespace voxel {
namespace {

const Volume& VolumeOf(const Document& document, const std::string& id, const Volume& none) {
  const int index = document.Find(id);
  return index < 0 ? none : document.layers[index]->volume;
}

// Undoes the change of one layer in `result.document`, which becomes a new one if a voxel goes
// back.
absl::Status RevertLayer(const std::string& id, const Document& before, const Document& after,
                         const TaskContext& context, RevertResult& result) {
  const Volume none;
  const Volume& old_volume = VolumeOf(before, id, none);
  const Volume& new_volume = VolumeOf(after, id, none);
  if (old_volume.SharesRoot(new_volume)) return absl::OkStatus();
  const int index = result.document->Find(id);
  if (index < 0) {
    VOXEL_ASSIGN_OR_RETURN(const VolumeDiff diff, Diff(old_volume, new_volume, context));
    result.conflicts += diff.total();
    return absl::OkStatus();
  }
  const Layer& layer = *result.document->layers[index];
  // The way back is a merge: since `after`, one side went on to `current`, the other to `before`.
  ThreeWayCount count;
  VOXEL_ASSIGN_OR_RETURN(Volume volume, MergeVolumes(new_volume, layer.volume, old_volume,
                                                     Prefer::kOurs, context, count));
  result.reverted += count.taken;
  result.conflicts += count.conflicts + count.same;
  if (count.taken == 0) return absl::OkStatus();
  auto* changed = new Layer(layer);
  changed->volume = std::move(volume);
  RefPtr<Document> document = MakeRef<Document>(*result.document);
  document->ReplaceLayer(index, RefPtr<const Layer>::Adopt(changed));
  result.document = RefPtr<const Document>::Adopt(document.release());
  return absl::OkStatus();
}

const VoxelSet* VoxelsOf(const Document& document, const std::string& id) {
  const Selection* selection = document.FindSelection(id);
  return selection == nullptr ? nullptr : &selection->voxels;
}

bool SameSelection(const VoxelSet* a, const VoxelSet* b) {
  return a == b || (a != nullptr && b != nullptr && SameVoxels(*a, *b));
}

// Gives the selection `id` of `current` back what `before` has, if the change touched it and nobody
// else since.
void RevertSelection(const std::string& id, const Document& before, const Document& after,
                     RefPtr<const Document>& current) {
  const VoxelSet* old_set = VoxelsOf(before, id);
  const VoxelSet* new_set = VoxelsOf(after, id);
  if (SameSelection(old_set, new_set) || !SameSelection(VoxelsOf(*current, id), new_set)) return;
  RefPtr<Document> document = MakeRef<Document>(*current);
  if (old_set == nullptr) {
    document->RemoveSelection(id);
  } else {
    document->PutSelection(RefPtr<const Selection>(MakeRef<Selection>(id, *old_set)));
  }
  current = RefPtr<const Document>::Adopt(document.release());
}

}  // namespace

absl::StatusOr<RevertResult> RevertChange(const Document& before, const Document& after,
                                          RefPtr<const Document> current,
                                          const TaskContext& context) {
  RevertResult result;
  result.document = std::move(current);
  // Linked layers follow their originals. A layer that became linked or ceased to be has no voxels
  // of its own to revert.
  const auto own = [](const RefPtr<const Layer>& layer) { return layer->linked_to.empty(); };
  for (const RefPtr<const Layer>& layer : after.layers) {
    if (own(layer)) VOXEL_RETURN_IF_ERROR(RevertLayer(layer->id, before, after, context, result));
  }
  for (const RefPtr<const Layer>& layer : before.layers) {
    if (!own(layer) || after.Find(layer->id) >= 0) continue;
    VOXEL_RETURN_IF_ERROR(RevertLayer(layer->id, before, after, context, result));
  }
  for (const RefPtr<const Selection>& selection : after.selections) {
    RevertSelection(selection->id, before, after, result.document);
  }
  for (const RefPtr<const Selection>& selection : before.selections) {
    RevertSelection(selection->id, before, after, result.document);
  }
  return result;
}

}  // namespace voxel
