// layer.*: the stack of volumes in a project.
#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "daemon/convert/layers.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/apply.h"

namespace voxeld {
namespace {

using voxel::Document;
using voxel::Error;
using voxel::Layer;
using voxel::MakeRef;
using voxel::Reason;
using voxel::RefPtr;

using DocumentOr = absl::StatusOr<RefPtr<const Document>>;

constexpr std::string_view kSettings[] = {"title",    "locked",    "opacity", "mode",
                                          "material", "transform", "group",   "labels"};
constexpr std::string_view kLayerToken = "layer:";

absl::Status CheckNewLayer(const Services& services, const Document& document, std::string_view id,
                           std::string_view field) {
  VOXEL_RETURN_IF_ERROR(CheckId(id, field));
  if (document.Find(id) >= 0) {
    return Error(Reason::LAYER_EXISTS, voxel::StrCat("there is a layer \"", id, "\" already"),
                 field);
  }
  if (document.layers.size() >= static_cast<size_t>(services.limits.max_layers)) {
    return Error(Reason::LIMIT_LAYERS,
                 voxel::StrCat("the project has ", document.layers.size(),
                               " layers, as many as are allowed"),
                 field);
  }
  return absl::OkStatus();
}

absl::Status CheckPosition(int64_t position, size_t layers, std::string_view field) {
  if (position >= 0 && position < static_cast<int64_t>(layers)) return absl::OkStatus();
  return Error(Reason::INVALID_FIELD,
               voxel::StrCat(field, " is ", position, "; it takes 0 to ", layers - 1), field);
}

RefPtr<Document> Copy(const Document& document) { return MakeRef<Document>(document); }

// Answers with the layer `id` as the outcome's document has it.
void Describe(const Outcome& outcome, std::string_view id, v1::LayerResponse* response) {
  const Document& document = *outcome.applied->document;
  FromLayer(document, document.Find(id), response->mutable_layer());
  response->set_revision(outcome.revision);
}

// A layer mutation that answers with one layer: `change` edits, `id` names the layer to show.
template <typename Request>
absl::Status MutateLayer(Services& services, CallContext& context, const Request& request,
                         const std::string& id,
                         absl::FunctionRef<DocumentOr(const Document&)> change,
                         v1::LayerResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  return Mutate(
      services, context, *project, request.write(), request,
      [&](const Revision& applied) { return change(*applied.document); }, response,
      [&](const Outcome& outcome) { Describe(outcome, id, response); });
}

// A new layer's settings: what the request leaves at its default stays as a new layer's.
absl::StatusOr<RefPtr<const Layer>> NewLayer(const v1::CreateLayerRequest& request) {
  v1::Layer settings = request.layer();
  if (!settings.has_opacity()) settings.set_opacity(1);
  auto layer = MakeRef<Layer>();
  layer->id = settings.layer();
  layer->visible = !request.hidden();
  for (const std::string_view name : kSettings) {
    VOXEL_RETURN_IF_ERROR(ApplyLayerField(name, settings, layer.get()));
  }
  return RefPtr<const Layer>(std::move(layer));
}

absl::Status CheckRemovable(const Document& document, const Layer& layer) {
  if (document.layers.size() == 1)
    return Error(Reason::LAST_LAYER, "a project keeps at least one layer", "layer");
  if (layer.locked)
    return Error(Reason::LAYER_LOCKED, voxel::StrCat("layer \"", layer.id, "\" is locked"),
                 "layer");
  for (const auto& other : document.layers) {
    if (other->linked_to != layer.id) continue;
    return Error(
        Reason::LAYER_LINKED,
        voxel::StrCat("layer \"", other->id, "\" is linked to \"", layer.id, "\"; delete it first"),
        "layer");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LayerCreate(Services& services, CallContext& context,
                         const v1::CreateLayerRequest& request, v1::LayerResponse* response) {
  const std::string& id = request.layer().layer();
  const auto change = [&](const Document& before) -> DocumentOr {
    VOXEL_RETURN_IF_ERROR(CheckNewLayer(services, before, id, "layer.layer"));
    VOXEL_ASSIGN_OR_RETURN(RefPtr<const Layer> layer, NewLayer(request));
    const int64_t position = request.at_position() ? request.layer().position()
                                                   : static_cast<int64_t>(before.layers.size());
    VOXEL_RETURN_IF_ERROR(CheckPosition(position, before.layers.size() + 1, "layer.position"));
    RefPtr<Document> after = Copy(before);
    after->layers.insert(after->layers.begin() + position, std::move(layer));
    return RefPtr<const Document>(std::move(after));
  };
  return MutateLayer(services, context, request, id, change, response);
}

absl::Status LayerGet(Services& services, CallContext&, const v1::GetLayerRequest& request,
                      v1::LayerResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision,
                         ReadRevision(services, request.project(), request.revision()));
  VOXEL_ASSIGN_OR_RETURN(const int index, FindLayer(*revision->document, request.layer(), "layer"));
  FromLayer(*revision->document, index, response->mutable_layer());
  response->set_revision(revision->info.revision);
  return absl::OkStatus();
}

absl::Status LayerList(Services& services, CallContext&, const v1::ListLayersRequest& request,
                       v1::ListLayersResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision,
                         ReadRevision(services, request.project(), request.revision()));
  VOXEL_ASSIGN_OR_RETURN(const int32_t page_size, PageSize(request.page_size()));
  const Document& document = *revision->document;
  const auto count = static_cast<int>(document.layers.size());
  VOXEL_ASSIGN_OR_RETURN(const int64_t first, ReadPageToken(request.page_token(), kLayerToken));
  const int end = static_cast<int>(std::min<int64_t>(count, first + page_size));
  for (int i = static_cast<int>(std::min<int64_t>(first, count)); i < end; ++i) {
    FromLayer(document, i, response->add_layers());
  }
  if (end < count) response->set_next_page_token(voxel::StrCat(kLayerToken, end));
  response->set_revision(revision->info.revision);
  return absl::OkStatus();
}

absl::Status LayerUpdate(Services& services, CallContext& context,
                         const v1::UpdateLayerRequest& request, v1::LayerResponse* response) {
  const std::string& id = request.layer().layer();
  const auto change = [&](const Document& before) -> DocumentOr {
    VOXEL_ASSIGN_OR_RETURN(const int index, FindLayer(before, id, "layer.layer"));
    if (request.fields().empty()) {
      return Error(Reason::MISSING_FIELD, "fields is missing; it names the settings to change",
                   "fields");
    }
    const Layer& old = *before.layers[static_cast<size_t>(index)];
    auto layer = MakeRef<Layer>(old);
    for (const std::string& name : request.fields()) {
      VOXEL_RETURN_IF_ERROR(ApplyLayerField(name, request.layer(), layer.get()));
    }
    RefPtr<Document> after = Copy(before);
    if (!SameSettings(old, *layer)) after->ReplaceLayer(index, std::move(layer));
    return RefPtr<const Document>(std::move(after));
  };
  return MutateLayer(services, context, request, id, change, response);
}

absl::Status LayerDelete(Services& services, CallContext& context,
                         const v1::DeleteLayerRequest& request, v1::ChangeResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  const auto change = [&](const Revision& applied) -> DocumentOr {
    const Document& before = *applied.document;
    VOXEL_ASSIGN_OR_RETURN(const int index, FindLayer(before, request.layer(), "layer"));
    VOXEL_RETURN_IF_ERROR(CheckRemovable(before, *before.layers[static_cast<size_t>(index)]));
    RefPtr<Document> after = Copy(before);
    after->layers.erase(after->layers.begin() + index);
    return RefPtr<const Document>(std::move(after));
  };
  return Mutate(
      services, context, *project, request.write(), request, change, response,
      [](const Outcome&) {}, Room::kNotNeeded);
}

absl::Status LayerDuplicate(Services& services, CallContext& context,
                            const v1::DuplicateLayerRequest& request, v1::LayerResponse* response) {
  const auto change = [&](const Document& before) -> DocumentOr {
    VOXEL_ASSIGN_OR_RETURN(const int index, FindLayer(before, request.layer(), "layer"));
    VOXEL_RETURN_IF_ERROR(CheckNewLayer(services, before, request.target(), "target"));
    const Layer& old = *before.layers[static_cast<size_t>(index)];
    auto layer = MakeRef<Layer>(old);
    layer->id = request.target();
    layer->scene_path.clear();
    layer->linked_to.clear();
    // A copy of a linked layer follows the same original.
    if (request.linked()) layer->linked_to = old.linked_to.empty() ? old.id : old.linked_to;
    RefPtr<Document> after = Copy(before);
    after->layers.insert(after->layers.begin() + index + 1, std::move(layer));
    return RefPtr<const Document>(std::move(after));
  };
  return MutateLayer(services, context, request, request.target(), change, response);
}

absl::Status LayerMerge(Services& services, CallContext& context,
                        const v1::MergeLayersRequest& request, v1::LayerResponse* response) {
  const auto change = [&](const Document& before) -> DocumentOr {
    if (request.layers().empty()) {
      return Error(Reason::MISSING_FIELD, "layers is missing; it takes at least one", "layers");
    }
    VOXEL_RETURN_IF_ERROR(CheckId(request.target(), "target"));
    const std::vector<std::string> ids(request.layers().begin(), request.layers().end());
    for (size_t i = 0; i < ids.size(); ++i) {
      VOXEL_RETURN_IF_ERROR(CheckId(ids[i], voxel::StrCat("layers[", i, "]")));
    }
    return voxel::MergeLayers(before, ids, request.target(), EditTask(services, context));
  };
  return MutateLayer(services, context, request, request.target(), change, response);
}

absl::Status LayerFlatten(Services& services, CallContext& context,
                          const v1::FlattenLayersRequest& request, v1::LayerResponse* response) {
  const auto change = [&](const Document& before) -> DocumentOr {
    VOXEL_RETURN_IF_ERROR(CheckId(request.target(), "target"));
    return voxel::FlattenLayers(before, request.target(), EditTask(services, context));
  };
  return MutateLayer(services, context, request, request.target(), change, response);
}

absl::Status LayerMove(Services& services, CallContext& context,
                       const v1::MoveLayerRequest& request, v1::LayerResponse* response) {
  const auto change = [&](const Document& before) -> DocumentOr {
    VOXEL_ASSIGN_OR_RETURN(const int index, FindLayer(before, request.layer(), "layer"));
    VOXEL_RETURN_IF_ERROR(CheckPosition(request.position(), before.layers.size(), "position"));
    RefPtr<Document> after = Copy(before);
    const RefPtr<const Layer> layer = after->layers[static_cast<size_t>(index)];
    after->layers.erase(after->layers.begin() + index);
    after->layers.insert(after->layers.begin() + request.position(), layer);
    return RefPtr<const Document>(std::move(after));
  };
  return MutateLayer(services, context, request, request.layer(), change, response);
}

}  // namespace voxeld
