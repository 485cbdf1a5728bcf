// voxel.apply_edits, set, get, raycast.
#include <cmath>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "daemon/convert/color_text.h"
#include "daemon/convert/edits.h"
#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "daemon/convert/voxel_lists.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "daemon/service/rendering.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/pattern_text.h"
#include "voxel/ops/set_few.h"

namespace voxeld {
namespace {

using voxel::Document;
using voxel::Error;
using voxel::Reason;
using voxel::RefPtr;

// What a poller may do itself: about 20 us of set or get, and boxes of a few bricks.
constexpr int kCheapVoxels = 1024;
constexpr int kCheapEdits = 16;
constexpr int64_t kCheapBoxVoxels = 1 << 15;

constexpr double kDefaultRayLength = 4096;

// Above so many positions it pays to blend the layers once instead of per voxel.
constexpr int kCompositeOncePositions = 4096;

int64_t BoxVoxels(const v1::Box& box) {
  if (box.min_size() != 3 || box.max_size() != 3) return 0;  // refused at once
  return voxel::Box{{box.min(0), box.min(1), box.min(2)}, {box.max(0), box.max(1), box.max(2)}}
      .Voxels();
}

bool IsCheap(const v1::Edit& edit) {
  if (edit.has_mask()) return false;
  switch (edit.op_case()) {
    case v1::Edit::kSet:
      return edit.set().xyz_size() <= 3 * kCheapVoxels &&
             edit.set().xyz_le().size() <= 12 * kCheapVoxels;
    case v1::Edit::kBox:
      return BoxVoxels(edit.box().box()) <= kCheapBoxVoxels &&
             !voxel::LooksLikePattern(edit.box().color());
    case v1::Edit::kClear:
      return edit.clear().has_box() && BoxVoxels(edit.clear().box()) <= kCheapBoxVoxels;
    default:
      return false;
  }
}

absl::Status CheckEdits(const Services& services, const v1::ApplyEditsRequest& request) {
  if (request.edits().empty())
    return Error(Reason::MISSING_FIELD, "edits is missing; it takes at least one", "edits");
  if (request.edits_size() <= services.limits.max_edits) return absl::OkStatus();
  return Error(Reason::LIMIT_BATCH,
               voxel::ShortText("edits has ", request.edits_size(),
                                " edits; a batch takes at most ", services.limits.max_edits),
               "edits");
}

void FillCounts(absl::Span<const voxel::EditCount> counts, v1::Change* change) {
  for (const voxel::EditCount& count : counts) {
    v1::EditCount* out = change->add_edits();
    out->set_changed(count.changed);
    out->set_unchanged(count.unchanged);
    out->set_clipped(count.clipped);
    if (count.changed == 0 && count.unchanged == 0) out->set_warning("the edit covers no voxel");
  }
}

absl::StatusOr<std::vector<double>> ToNumbers(const google::protobuf::RepeatedField<double>& values,
                                              std::string_view field) {
  bool good = values.size() == 3;
  for (const double value : values) good = good && std::isfinite(value);
  if (good) return std::vector<double>(values.begin(), values.end());
  return Error(Reason::INVALID_FIELD,
               voxel::ShortText(field, " takes exactly three finite numbers"), field);
}

ChangedDocument Known(voxel::FewSet set) {
  ChangedDocument changed(std::move(set.document));
  changed.known = {.layer = set.layer,
                   .voxels_changed = set.count.changed,
                   .bounds = set.bounds,
                   .let_go_bytes = set.let_go_bytes};
  return changed;
}

// Answers a read of a few voxels of the composite, or of a layer that is where its voxels are.
// False, with nothing done, if it is another one, or has an error.
bool TryGetFew(const Document& document, const v1::GetVoxelsRequest& request,
               v1::GetVoxelsResponse* response) {
  if (!request.selection().empty()) return false;
  const voxel::Layer* layer = nullptr;
  if (!request.layer().empty()) {
    const int index = document.Find(request.layer());
    if (index < 0) return false;
    layer = document.layers[static_cast<size_t>(index)].get();
    if (!layer->transform.identity()) return false;
  }
  FewVoxels few;
  if (!few.ReadPositions(request.xyz())) return false;
  auto& rgba = *response->mutable_rgba();
  rgba.Reserve(static_cast<int>(few.positions().size()));
  for (const voxel::Coord& c : few.positions()) {
    rgba.AddAlreadyReserved(layer != nullptr ? layer->volume.Get(c)
                                             : voxel::CompositeAt(document, c));
  }
  return true;
}

// Reads positions of the composite or of one layer, in world space.
absl::StatusOr<std::vector<voxel::Color>> ReadColors(const Document& document,
                                                     const std::string& layer,
                                                     const std::vector<voxel::Coord>& positions,
                                                     const voxel::TaskContext& task) {
  std::vector<voxel::Color> colors(positions.size());
  if (layer.empty() && positions.size() <= kCompositeOncePositions) {
    for (size_t i = 0; i < positions.size(); ++i)
      colors[i] = voxel::CompositeAt(document, positions[i]);
    return colors;
  }
  VOXEL_ASSIGN_OR_RETURN(const voxel::Volume volume, ReadVolume(document, layer, task));
  voxel::VolumeReader(volume).GetMany(positions, colors.data());
  return colors;
}

}  // namespace

bool CheapEdits(const v1::ApplyEditsRequest& request) {
  if (request.edits_size() > kCheapEdits || request.has_preview()) return false;
  for (const v1::Edit& edit : request.edits()) {
    if (!IsCheap(edit)) return false;
  }
  return true;
}

bool CheapSet(const v1::SetVoxelsRequest& request) {
  return request.voxels().xyz_size() <= 3 * kCheapVoxels &&
         request.voxels().xyz_le().size() <= 12 * kCheapVoxels;
}

bool CheapGet(const v1::GetVoxelsRequest& request) {
  return request.xyz_size() <= 3 * kCheapVoxels;
}

absl::Status VoxelApplyEdits(Services& services, CallContext& context,
                             const v1::ApplyEditsRequest& request,
                             v1::ApplyEditsResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, context, request.project()));
  VOXEL_RETURN_IF_ERROR(CheckEdits(services, request));
  voxel::ViewRequest preview;
  if (request.has_preview()) {
    VOXEL_ASSIGN_OR_RETURN(preview,
                           ToViewRequest(request.preview(), *project->head()->document, "preview"));
  }
  std::vector<voxel::EditCount> counts;
  const auto change = [&](const Revision& applied) -> absl::StatusOr<RefPtr<const Document>> {
    const std::string& selection = request.preview().selection();
    if (!selection.empty()) {
      VOXEL_RETURN_IF_ERROR(
          FindSelection(*applied.document, selection, "preview.selection").status());
    }
    VOXEL_ASSIGN_OR_RETURN(const auto edits,
                           ToEdits(request.edits(), applied.document->palette.get()));
    VOXEL_ASSIGN_OR_RETURN(voxel::ApplyResult result,
                           voxel::ApplyEdits(applied.document, edits, EditTask(services, context)));
    counts = std::move(result.counts);
    return std::move(result.document);
  };
  RevisionPtr shown;
  VOXEL_RETURN_IF_ERROR(Mutate(services, context, *project, request.write(), request, change,
                               response, [&](const Outcome& outcome) {
                                 FillCounts(counts, response->mutable_change());
                                 shown = outcome.applied;
                               }));
  // A replay shows no preview: the stored answer does not keep pictures.
  if (!request.has_preview() || !shown) return absl::OkStatus();
  const absl::Status drawn = RenderInto(services, context, *shown, preview, request.preview(),
                                        response->mutable_preview());
  if (!drawn.ok()) {  // too late for an error: it would say that nothing was changed
    response->clear_preview();
    response->set_preview_error(std::string(drawn.message()));
  }
  return absl::OkStatus();
}

absl::Status VoxelSet(Services& services, CallContext& context, const v1::SetVoxelsRequest& request,
                      v1::ChangeResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, context, request.project()));
  if (!request.layer().empty()) VOXEL_RETURN_IF_ERROR(CheckId(request.layer(), "layer"));
  absl::InlinedVector<voxel::EditCount, 1> counts;
  const auto change = [&](const Revision& applied) -> absl::StatusOr<ChangedDocument> {
    if (FewVoxels few; few.Read(request.voxels(), applied.document->palette.get())) {
      auto set = voxel::TrySetFew(*applied.document, request.layer(), few.positions(), few.colors(),
                                  EditTask(services, context));
      if (set.has_value()) {
        counts.push_back(set->count);
        return Known(*std::move(set));
      }
      // Found before the edit is made of lists, which would cost heap calls.
      VOXEL_RETURN_IF_ERROR(
          voxel::InField("edits[0]", voxel::CheckWritable(*applied.document, request.layer())));
    }
    voxel::Edit edit;
    VOXEL_ASSIGN_OR_RETURN(edit.op, ToSetVoxels(request.voxels(), applied.document->palette.get(),
                                                "voxels", edit.pattern));
    edit.layer = request.layer();
    auto result = voxel::ApplyEdits(applied.document, {&edit, 1}, EditTask(services, context));
    if (!result.ok()) return result.status();
    counts.assign(result->counts.begin(), result->counts.end());
    return ChangedDocument(std::move(result->document));
  };
  return Mutate(services, context, *project, request.write(), request, change, response,
                [&](const Outcome&) { FillCounts(counts, response->mutable_change()); });
}

absl::Status VoxelGet(Services& services, CallContext& context, const v1::GetVoxelsRequest& request,
                      v1::GetVoxelsResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision,
                         ReadRevision(services, context, request.project(), request.revision()));
  const auto answer = [&] {
    response->set_revision(revision->info.revision);
    if (!request.colors()) return;
    for (const voxel::Color color : response->rgba()) response->add_colors(FormatColor(color));
  };
  const bool few = request.xyz_size() / 3 <= services.limits.max_read_voxels;
  if (few && TryGetFew(*revision->document, request, response)) {
    answer();
    return absl::OkStatus();
  }
  if (!few) {
    return Error(
        Reason::LIMIT_VOXELS,
        voxel::ShortText("xyz has ", request.xyz_size() / 3, " positions; a read takes at most ",
                         services.limits.max_read_voxels),
        "xyz");
  }
  // What may be wrong is found before memory is taken.
  VOXEL_RETURN_IF_ERROR(CheckCoords(request.xyz(), "xyz"));
  const Document& document = *revision->document;
  if (!request.layer().empty()) {
    VOXEL_RETURN_IF_ERROR(FindLayer(document, request.layer(), "layer").status());
  }
  VOXEL_ASSIGN_OR_RETURN(const std::vector<voxel::Coord> positions, ToCoords(request.xyz(), "xyz"));
  VOXEL_ASSIGN_OR_RETURN(std::vector<voxel::Color> colors,
                         ReadColors(document, request.layer(), positions, context.Task()));
  if (!request.selection().empty()) {
    VOXEL_ASSIGN_OR_RETURN(const voxel::Selection* selection,
                           FindSelection(document, request.selection(), "selection"));
    for (size_t i = 0; i < colors.size(); ++i) {
      if (!selection->voxels.Contains(positions[i])) colors[i] = voxel::kAir;
    }
  }
  response->mutable_rgba()->Add(colors.begin(), colors.end());
  answer();
  return absl::OkStatus();
}

absl::Status VoxelRaycast(Services& services, CallContext&, const v1::RaycastRequest& request,
                          v1::RaycastResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision,
                         ReadRevision(services, request.project(), request.revision()));
  VOXEL_ASSIGN_OR_RETURN(const std::vector<double> origin, ToNumbers(request.origin(), "origin"));
  VOXEL_ASSIGN_OR_RETURN(const std::vector<double> direction,
                         ToNumbers(request.direction(), "direction"));
  if (direction == std::vector<double>{0, 0, 0}) {
    return Error(Reason::INVALID_FIELD, "direction is [0, 0, 0]; it must point somewhere",
                 "direction");
  }
  const double most = request.max_distance() == 0 ? kDefaultRayLength : request.max_distance();
  if (!(most > 0 && most <= 4.0 * voxel::kMaxCoord)) {
    return Error(Reason::INVALID_FIELD,
                 voxel::ShortText("max_distance is ", most, "; it takes 0 to 2^32"),
                 "max_distance");
  }
  const voxel::RayHit hit =
      voxel::Raycast(*revision->document, origin.data(), direction.data(), most);
  response->set_revision(revision->info.revision);
  response->set_hit(hit.hit);
  if (!hit.hit) return absl::OkStatus();
  response->set_layer(hit.layer);
  FromCoord(hit.position, response->mutable_position());
  FromCoord(hit.normal, response->mutable_normal());
  response->set_distance(hit.distance);
  response->set_rgba(hit.color);
  return absl::OkStatus();
}

}  // namespace voxeld
