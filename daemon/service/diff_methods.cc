// history.diff: what differs between two revisions, as totals and then as blocks.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "daemon/convert/blocks.h"
#include "daemon/convert/geometry.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/diff.h"

namespace voxeld {
namespace {

using voxel::Box;
using voxel::Document;
using voxel::Error;
using voxel::Layer;
using voxel::Reason;
using voxel::Volume;

// One layer that is in either revision, in world space on both sides; an absent one is empty.
struct LayerPair {
  std::string id;
  Volume before;
  Volume after;
};

absl::StatusOr<Volume> InWorldSpace(const Document& document, const std::string& id,
                                    const voxel::TaskContext& task) {
  if (document.Find(id) < 0) return Volume();
  return ReadVolume(document, id, task);
}

const Layer* Get(const Document& document, const std::string& id) {
  const int index = document.Find(id);
  return index < 0 ? nullptr : document.layers[static_cast<size_t>(index)].get();
}

// Layers that may differ: unchanged ones are told by their root and placement, without a look at
// voxels.
absl::StatusOr<std::vector<LayerPair>> ChangedLayers(const Document& before, const Document& after,
                                                     const voxel::TaskContext& task) {
  std::vector<std::string> ids;
  for (const auto& layer : before.layers) ids.push_back(layer->id);
  for (const auto& layer : after.layers) {
    if (before.Find(layer->id) < 0) ids.push_back(layer->id);
  }
  std::vector<LayerPair> pairs;
  for (const std::string& id : ids) {
    const Layer* a = Get(before, id);
    const Layer* b = Get(after, id);
    if (a != nullptr && b != nullptr && a->volume.SharesRoot(b->volume) &&
        a->transform == b->transform)
      continue;
    LayerPair pair{.id = id, .before = {}, .after = {}};
    VOXEL_ASSIGN_OR_RETURN(pair.before, InWorldSpace(before, id, task));
    VOXEL_ASSIGN_OR_RETURN(pair.after, InWorldSpace(after, id, task));
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

// The first message has the totals; the others a block each: the changed cubes of 16^3, as they are
// after.
class DiffStream final : public ServerStream {
 public:
  DiffStream(std::vector<LayerPair> layers, v1::DiffResponse totals, const Box& box, bool blocks)
      : layers_(std::move(layers)), totals_(std::move(totals)), box_(box), blocks_(blocks) {}

  absl::StatusOr<Pull> Next(google::protobuf::Message* message) override {
    auto* response = static_cast<v1::DiffResponse*>(message);
    if (!totals_sent_) {
      totals_sent_ = true;
      *response = totals_;
      return Pull::kMessage;
    }
    if (!blocks_) return Pull::kEnd;
    while (next_box_ == boxes_.size()) {
      if (next_layer_ == layers_.size()) return Pull::kEnd;
      CollectBoxes(layers_[next_layer_++]);
    }
    const LayerPair& layer = layers_[next_layer_ - 1];
    const Box part = boxes_[next_box_++];
    std::vector<voxel::Color> colors(static_cast<size_t>(part.Voxels()));
    layer.after.ReadBox(part, colors.data());
    response->mutable_block()->set_layer(layer.id);
    FromVoxels(part, colors, /*palette_allowed=*/true, response->mutable_block()->mutable_block());
    return Pull::kMessage;
  }

 private:
  // The changed cubes of one layer; uniform ones larger than a block are cut.
  void CollectBoxes(const LayerPair& layer) {
    boxes_.clear();
    next_box_ = 0;
    voxel::ForEachChangedCell(
        layer.before, layer.after, box_, [&](const voxel::Cell& cell, const voxel::Cell&) {
          const Box part = cell.box().Intersection(box_);
          constexpr int32_t kStep = 64;
          for (int32_t z = part.min.z; z < part.max.z; z += kStep) {
            for (int32_t y = part.min.y; y < part.max.y; y += kStep) {
              for (int32_t x = part.min.x; x < part.max.x; x += kStep) {
                boxes_.push_back(part.Intersection({{x, y, z}, {x + kStep, y + kStep, z + kStep}}));
              }
            }
          }
          return true;
        });
  }

  const std::vector<LayerPair> layers_;
  const v1::DiffResponse totals_;
  const Box box_;
  const bool blocks_;
  bool totals_sent_ = false;
  size_t next_layer_ = 0;
  std::vector<Box> boxes_;
  size_t next_box_ = 0;
};

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
  VOXEL_ASSIGN_OR_RETURN(std::vector<LayerPair> layers,
                         ChangedLayers(*from->document, *to->document, context.Task()));
  for (LayerPair& layer : layers) {
    for (Volume* side : {&layer.before, &layer.after}) {
      VOXEL_ASSIGN_OR_RETURN(*side, OnlySelected(*side, *to->document, request.selection(),
                                                 "selection", LongTask(services, context)));
    }
  }
  v1::DiffResponse totals;
  totals.set_from_revision(from->info.revision);
  totals.set_to_revision(to->info.revision);
  Box bounds;
  for (const LayerPair& layer : layers) {
    const voxel::VolumeDiff diff = voxel::Diff(layer.before, layer.after, box);
    totals.set_added(totals.added() + diff.added);
    totals.set_removed(totals.removed() + diff.removed);
    totals.set_recolored(totals.recolored() + diff.recolored);
    bounds = bounds.Union(diff.bounds);
    const bool in_one_only = from->document->Find(layer.id) < 0 || to->document->Find(layer.id) < 0;
    if (diff.total() > 0 || in_one_only) totals.add_layers(layer.id);
  }
  if (!bounds.empty()) FromBox(bounds, totals.mutable_bounds());
  return std::make_unique<DiffStream>(std::move(layers), std::move(totals), box, request.blocks());
}

}  // namespace voxeld
