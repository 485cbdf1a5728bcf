// history.diff: what differs between two revisions, as totals and then as blocks.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "daemon/convert/geometry.h"
#include "daemon/service/changed_blocks.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/grid/diff.h"

namespace voxeld {
namespace {

using voxel::Box;
using voxel::Error;
using voxel::Reason;
using voxel::Volume;

// The first message has the totals; the others a block each.
class DiffStream final : public ServerStream {
 public:
  DiffStream(std::vector<LayerPair> layers, v1::DiffResponse totals, const Box& box, bool blocks)
      : totals_(std::move(totals)), blocks_(blocks), changed_(std::move(layers), box) {}

  absl::StatusOr<Pull> Next(google::protobuf::Message* message) override {
    auto* response = static_cast<v1::DiffResponse*>(message);
    if (!totals_sent_) {
      totals_sent_ = true;
      *response = totals_;
      return Pull::kMessage;
    }
    if (!blocks_) return Pull::kEnd;
    v1::LayerBlock block;
    if (!changed_.Next(&block)) return Pull::kEnd;
    response->mutable_block()->Swap(&block);
    return Pull::kMessage;
  }

 private:
  const v1::DiffResponse totals_;
  const bool blocks_;
  bool totals_sent_ = false;
  ChangedBlocks changed_;
};

// What is done before the comparison, which is what the progress is of.
voxel::TaskContext Silent(voxel::TaskContext task) {
  task.progress = nullptr;
  return task;
}

// The layers that may differ, of each what the selection of `to` has.
absl::StatusOr<std::vector<LayerPair>> LayersToCompare(const voxel::Document& from,
                                                       const voxel::Document& to,
                                                       const std::string& selection,
                                                       const voxel::TaskContext& task) {
  VOXEL_ASSIGN_OR_RETURN(std::vector<LayerPair> layers, ChangedLayers(from, to, task));
  for (LayerPair& layer : layers) {
    for (Volume* side : {&layer.before, &layer.after}) {
      VOXEL_ASSIGN_OR_RETURN(*side, OnlySelected(*side, to, selection, "selection", task));
    }
  }
  return layers;
}

absl::StatusOr<std::vector<voxel::VolumeDiff>> DiffOf(const std::vector<LayerPair>& layers,
                                                      const Box& box,
                                                      const voxel::TaskContext& task) {
  std::vector<voxel::VolumePair> pairs;
  pairs.reserve(layers.size());
  for (const LayerPair& layer : layers) pairs.push_back({layer.before, layer.after});
  return voxel::DiffAll(pairs, box, task);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerStream>> HistoryDiff(Services& services, CallContext& context,
                                                          const v1::DiffRequest& request) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> from_project,
                         FindProject(services, request.project()));
  std::shared_ptr<Project> to_project = from_project;
  if (!request.to_project().empty()) {
    VOXEL_ASSIGN_OR_RETURN(to_project, FindProject(services, request.to_project(), "to_project"));
  } else if (request.from_revision() <= 0) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat("from_revision is ", request.from_revision(),
                               "; it takes 1 or more, and 0, the latest, only with to_project"),
                 "from_revision");
  }
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr from,
                         RevisionOf(*from_project, request.from_revision(), "from_revision"));
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr to,
                         RevisionOf(*to_project, request.to_revision(), "to_revision"));
  Box box = voxel::kWorld;
  if (request.has_box()) {
    VOXEL_ASSIGN_OR_RETURN(box, ToBox(request.box(), "box"));
  }
  if (!request.selection().empty()) {  // even if no layer differs
    VOXEL_RETURN_IF_ERROR(FindSelection(*to->document, request.selection(), "selection").status());
  }
  const voxel::TaskContext task = LongTask(services, context);
  VOXEL_ASSIGN_OR_RETURN(
      std::vector<LayerPair> layers,
      LayersToCompare(*from->document, *to->document, request.selection(), Silent(task)));
  VOXEL_ASSIGN_OR_RETURN(const std::vector<voxel::VolumeDiff> diffs, DiffOf(layers, box, task));
  v1::DiffResponse totals;
  totals.set_from_revision(from->info.revision);
  totals.set_to_revision(to->info.revision);
  Box bounds;
  for (size_t i = 0; i < layers.size(); ++i) {
    const voxel::VolumeDiff& diff = diffs[i];
    totals.set_added(totals.added() + diff.added);
    totals.set_removed(totals.removed() + diff.removed);
    totals.set_recolored(totals.recolored() + diff.recolored);
    bounds = bounds.Union(diff.bounds);
    const std::string& id = layers[i].id;
    const bool in_one_only = from->document->Find(id) < 0 || to->document->Find(id) < 0;
    if (diff.total() > 0 || in_one_only) totals.add_layers(id);
  }
  if (!bounds.empty()) FromBox(bounds, totals.mutable_bounds());
  return std::make_unique<DiffStream>(std::move(layers), std::move(totals), box, request.blocks());
}

}  // namespace voxeld
