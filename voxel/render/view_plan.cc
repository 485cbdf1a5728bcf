#include "voxel/render/view_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxel {
namespace {

constexpr std::string_view kCameraPrefix = "camera:";

absl::Status CheckSide(int32_t side, std::string_view field) {
  if (side >= kMinViewSide && side <= kMaxViewSide) return absl::OkStatus();
  return Error(
      Reason::INVALID_FIELD,
      StrCat(field, " is ", side, "; accepted: ", kMinViewSide, " to ", kMaxViewSide, " pixels"),
      field);
}

absl::Status CheckRequest(const ViewRequest& request) {
  VOXEL_RETURN_IF_ERROR(CheckSide(request.width, "width"));
  VOXEL_RETURN_IF_ERROR(CheckSide(request.height, "height"));
  const size_t views = std::max<size_t>(request.views.size(), 1);
  if (views > size_t{kMaxViews}) {
    return Error(Reason::INVALID_FIELD,
                 StrCat(views, " views asked for; at most ", kMaxViews, " are accepted"), "views");
  }
  const int64_t pixels = int64_t{request.width} * request.height * int64_t(views);
  if (pixels > kMaxPicturePixels) {
    return Error(Reason::LIMIT_BYTES,
                 StrCat(views, " views of ", request.width, " x ", request.height, " are ", pixels,
                        " pixels; at most ", kMaxPicturePixels, " are accepted"),
                 "views");
  }
  if (request.focus.has_value() && request.focus->empty()) {
    return Error(Reason::INVALID_FIELD,
                 "focus is an empty box; every side must be at least 1 voxel long", "focus");
  }
  return absl::OkStatus();
}

absl::StatusOr<SceneCamera> FindCamera(const ViewRequest& request, std::string_view view,
                                       std::string_view field) {
  const std::string_view name = view.substr(kCameraPrefix.size());
  std::string names;
  for (const SceneCamera& camera : request.cameras) {
    if (camera.name == name) return camera;
    StrAppend(&names, names.empty() ? "" : ", ", camera.name);
  }
  return Error(Reason::INVALID_FIELD,
               StrCat("there is no camera \"", name.substr(0, 80), "\"; ",
                      names.empty() ? "the project has none" : StrCat("there are ", names)),
               field);
}

absl::StatusOr<PlannedView> PlanView(const ViewRequest& request, std::string name,
                                     std::string_view field) {
  PlannedView view;
  if (name.starts_with(kCameraPrefix)) {
    VOXEL_ASSIGN_OR_RETURN(view.camera, FindCamera(request, name, field));
    view.orientation = OrientationOf(*view.camera);
  } else {
    VOXEL_ASSIGN_OR_RETURN(view.orientation, ParseView(name, field));
  }
  view.name = std::move(name);
  return view;
}

}  // namespace

absl::StatusOr<ViewPlan> ViewPlan::Make(const ViewRequest& request) {
  VOXEL_RETURN_IF_ERROR(CheckRequest(request));
  ViewPlan plan;
  std::vector<std::string> names = request.views;
  if (names.empty()) names.push_back("iso");
  for (size_t i = 0; i < names.size(); ++i) {
    VOXEL_ASSIGN_OR_RETURN(PlannedView view,
                           PlanView(request, std::move(names[i]), StrCat("views[", i, "]")));
    plan.views_.push_back(std::move(view));
  }
  plan.columns_ = int32_t(std::ceil(std::sqrt(double(plan.views_.size()))));
  plan.rows_ = int32_t((plan.views_.size() + size_t(plan.columns_) - 1) / size_t(plan.columns_));
  plan.width_ = request.width;
  plan.height_ = request.height;
  plan.focus_ = request.focus;
  return plan;
}

Camera ViewPlan::CameraOf(const PlannedView& view, const Volume& volume, Coord origin) const {
  if (view.camera && view.camera->distance > 0 && !focus_) {
    return AimCamera(*view.camera, origin, width_, height_);
  }
  return FitCamera(view.orientation, focus_.value_or(volume.Bounds()), origin, width_, height_);
}

}  // namespace voxel
