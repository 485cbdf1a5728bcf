// render.*: pictures.
#include <utility>

#include "daemon/convert/color_text.h"
#include "daemon/convert/geometry.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "daemon/service/rendering.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/grid/top_layer.h"
#include "voxel/render/pick.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr uint32_t kDefaultSide = 512;
constexpr uint32_t kMinSide = 16;

absl::StatusOr<int32_t> ToSide(uint32_t side, std::string_view field) {
  if (side == 0) return static_cast<int32_t>(kDefaultSide);
  if (side >= kMinSide && side <= static_cast<uint32_t>(voxel::kMaxViewSide))
    return static_cast<int32_t>(side);
  return Error(
      Reason::INVALID_FIELD,
      voxel::StrCat(field, " is ", side, "; it takes ", kMinSide, " to ", voxel::kMaxViewSide),
      field);
}

// The visible composite, or what of it the selection holds.
absl::StatusOr<voxel::Volume> SeenVolume(const Services& services, const CallContext& context,
                                         const voxel::Document& document,
                                         const v1::ViewSpec& spec) {
  voxel::TaskContext task = context.Task();
  task.threads = services.limits.engine_threads;
  VOXEL_ASSIGN_OR_RETURN(const voxel::Volume volume, voxel::Composite(document, task));
  return OnlySelected(volume, document, spec.selection(), "spec.selection",
                      LongTask(services, context));
}

}  // namespace

absl::StatusOr<voxel::ViewRequest> ToViewRequest(const v1::ViewSpec& spec,
                                                 const voxel::Document& document,
                                                 std::string_view field) {
  voxel::ViewRequest request;
  request.views.assign(spec.views().begin(), spec.views().end());
  VOXEL_ASSIGN_OR_RETURN(request.width, ToSide(spec.width(), voxel::StrCat(field, ".width")));
  VOXEL_ASSIGN_OR_RETURN(request.height, ToSide(spec.height(), voxel::StrCat(field, ".height")));
  if (spec.has_focus()) {
    VOXEL_ASSIGN_OR_RETURN(request.focus, ToBox(spec.focus(), voxel::StrCat(field, ".focus")));
  }
  if (!spec.background().empty()) {
    VOXEL_ASSIGN_OR_RETURN(request.background, ParseColor(spec.background(), document.palette.get(),
                                                          voxel::StrCat(field, ".background")));
  }
  request.labels = !spec.no_labels();
  request.axes = spec.axes();
  if (document.stage) {
    request.cameras = document.stage->cameras;
    if (spec.scene_light()) request.light = document.stage->light;
  }
  VOXEL_RETURN_IF_ERROR(voxel::InField(field, voxel::CheckViewRequest(request)));
  return request;
}

absl::Status RenderInto(const Services& services, const CallContext& context,
                        const Revision& revision, voxel::ViewRequest request,
                        const v1::ViewSpec& spec, v1::Image* out) {
  const uint32_t max_bytes = spec.max_bytes();
  voxel::TaskContext task = context.Task();
  task.threads = services.limits.engine_threads;
  VOXEL_ASSIGN_OR_RETURN(const voxel::Volume volume,
                         SeenVolume(services, context, *revision.document, spec));
  for (;;) {
    VOXEL_ASSIGN_OR_RETURN(const voxel::Image image, voxel::RenderViews(volume, request, task));
    *out->mutable_png() = voxel::EncodePng(image);
    out->set_width(static_cast<uint32_t>(image.width));
    out->set_height(static_cast<uint32_t>(image.height));
    out->set_revision(revision.info.revision);
    if (max_bytes == 0 || out->png().size() <= max_bytes) return absl::OkStatus();
    if (request.width < 2 * static_cast<int32_t>(kMinSide) ||
        request.height < 2 * static_cast<int32_t>(kMinSide))
      break;
    request.width /= 2;
    request.height /= 2;
  }
  return Error(Reason::LIMIT_BYTES,
               voxel::StrCat("max_bytes is ", max_bytes, "; even ", request.width, "x",
                             request.height, " takes ", out->png().size()),
               "spec.max_bytes");
}

absl::Status RenderView(Services& services, CallContext& context, const v1::ViewRequest& request,
                        v1::Image* response) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision,
                         ReadRevision(services, request.project(), request.revision()));
  VOXEL_ASSIGN_OR_RETURN(voxel::ViewRequest view,
                         ToViewRequest(request.spec(), *revision->document, "spec"));
  return RenderInto(services, context, *revision, std::move(view), request.spec(), response);
}

absl::Status RenderPick(Services& services, CallContext& context, const v1::PickRequest& request,
                        v1::PickResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision,
                         ReadRevision(services, request.project(), request.revision()));
  VOXEL_ASSIGN_OR_RETURN(const voxel::ViewRequest view,
                         ToViewRequest(request.spec(), *revision->document, "spec"));
  if (request.spec().max_bytes() != 0) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat("spec.max_bytes is ", request.spec().max_bytes(),
                               "; a picture that was made smaller by it is asked for by the width "
                               "and height of a view as it came, without max_bytes"),
                 "spec.max_bytes");
  }
  const voxel::Document& document = *revision->document;
  VOXEL_ASSIGN_OR_RETURN(const voxel::Volume volume,
                         SeenVolume(services, context, document, request.spec()));
  VOXEL_ASSIGN_OR_RETURN(const voxel::PickedVoxel picked,
                         voxel::PickVoxel(volume, view, request.x(), request.y(), context.Task()));
  response->set_revision(revision->info.revision);
  response->set_view(picked.view);
  response->set_hit(picked.hit);
  if (!picked.hit) return absl::OkStatus();
  FromCoord(picked.position, response->mutable_position());
  FromCoord(picked.normal, response->mutable_normal());
  response->set_layer(voxel::TopLayerAt(document, picked.position)->id);
  response->set_rgba(picked.color);
  return absl::OkStatus();
}

}  // namespace voxeld
