// inspect.slice: one plane, as agents can read it.
#include "daemon/convert/enums.h"
#include "daemon/convert/geometry.h"
#include "daemon/convert/slice_text.h"
#include "daemon/service/inspect_subject.h"
#include "daemon/service/methods.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/slice.h"

namespace voxeld {
namespace {

constexpr uint32_t kMaxStep = 1024;
constexpr uint32_t kDefaultSize = 64;
constexpr uint32_t kMaxSize = 512;

absl::StatusOr<voxel::SliceSpec> ToSliceSpec(const v1::SliceRequest& request) {
  voxel::SliceSpec spec;
  VOXEL_ASSIGN_OR_RETURN(spec.axis, ToAxis(request.axis(), voxel::Axis::kZ, "axis"));
  spec.position = request.position();
  if (spec.position < voxel::kMinCoord || spec.position >= voxel::kMaxCoord) {
    return voxel::Error(
        voxel::Reason::OUT_OF_WORLD,
        voxel::StrCat("position is ", spec.position, "; it must be in [-1073741824, 1073741824)"),
        "position");
  }
  VOXEL_ASSIGN_OR_RETURN(const uint32_t step, Bounded(request.step(), 1, kMaxStep, "step"));
  VOXEL_ASSIGN_OR_RETURN(const uint32_t max_size,
                         Bounded(request.max_size(), kDefaultSize, kMaxSize, "max_size"));
  spec.step = static_cast<int32_t>(step);
  spec.max_size = static_cast<int32_t>(max_size);
  return spec;
}

absl::StatusOr<SliceStyle> ToSliceStyle(const v1::SliceRequest& request) {
  VOXEL_RETURN_IF_ERROR(CheckEnum(request.form(), "form"));
  SliceStyle style;
  if (request.form() != v1::SLICE_FORM_UNSPECIFIED) style.form = request.form();
  style.rulers = request.rulers();
  if (style.rulers && style.form != v1::SLICE_FORM_TEXT) {
    return voxel::Error(voxel::Reason::INVALID_FIELD,
                        "rulers is true; only the form TEXT has rulers", "rulers");
  }
  return style;
}

}  // namespace

absl::Status InspectSlice(Services& services, CallContext& context, const v1::SliceRequest& request,
                          v1::SliceResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(voxel::SliceSpec spec, ToSliceSpec(request));
  VOXEL_ASSIGN_OR_RETURN(const SliceStyle style, ToSliceStyle(request));
  VOXEL_ASSIGN_OR_RETURN(const Subject subject, FindSubject(services, context, request));
  spec.area = request.has_box() ? subject.box : subject.volume.Bounds();
  VOXEL_ASSIGN_OR_RETURN(const voxel::Slice slice,
                         voxel::SliceOf(subject.volume, spec, context.Task()));
  response->set_revision(subject.number());
  FromSlice(slice, spec, style, subject.palette(), response);
  return absl::OkStatus();
}

}  // namespace voxeld
