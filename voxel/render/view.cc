#include "voxel/render/view.h"

#include <cmath>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/image/draw.h"
#include "voxel/render/camera.h"
#include "voxel/render/occupancy_index.h"
#include "voxel/render/overlay.h"
#include "voxel/render/painter.h"

namespace voxel {
namespace {

struct NamedOrientation {
  std::string name;
  Orientation orientation;
};

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

absl::StatusOr<std::vector<NamedOrientation>> ParseViews(const ViewRequest& request) {
  std::vector<std::string> names = request.views;
  if (names.empty()) names.push_back("iso");
  std::vector<NamedOrientation> views;
  for (size_t i = 0; i < names.size(); ++i) {
    VOXEL_ASSIGN_OR_RETURN(const Orientation orientation,
                           ParseView(names[i], StrCat("views[", i, "]")));
    views.push_back({std::move(names[i]), orientation});
  }
  return views;
}

// The views' plain pictures, without anything written on them.
absl::StatusOr<std::vector<Image>> PaintAll(const Volume& volume,
                                            const std::vector<NamedOrientation>& views,
                                            const ViewRequest& request,
                                            const TaskContext& context) {
  std::vector<Image> pictures;
  if (volume.empty()) {
    pictures.assign(views.size(), Image(request.width, request.height, request.background));
    return pictures;
  }
  VOXEL_ASSIGN_OR_RETURN(const OccupancyIndex index, OccupancyIndex::Build(volume, context));
  const Box focus = request.focus.value_or(volume.Bounds());
  std::vector<Camera> cameras;
  int64_t bands = 0;
  for (const NamedOrientation& view : views) {
    cameras.push_back(
        FitCamera(view.orientation, focus, index.origin(), request.width, request.height));
    bands += BandsOf(cameras.back());
  }
  BandRunner runner(context, bands);
  for (const Camera& camera : cameras) {
    VOXEL_ASSIGN_OR_RETURN(Image picture,
                           PaintView(volume, index, camera, request.background, runner));
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

// The pictures in a grid, with thin lines between them.
Image Assemble(std::vector<Image> pictures, const ViewRequest& request) {
  if (pictures.size() == 1) return std::move(pictures[0]);
  const auto columns = int32_t(std::ceil(std::sqrt(double(pictures.size()))));
  const auto rows = int32_t((pictures.size() + size_t(columns) - 1) / size_t(columns));
  Image all(columns * request.width, rows * request.height, request.background);
  for (size_t i = 0; i < pictures.size(); ++i) {
    const int32_t column = int32_t(i) % columns;
    const int32_t row = int32_t(i) / columns;
    Paste(all, column * request.width, row * request.height, pictures[i]);
  }
  constexpr uint32_t kRule = 0x80808060;
  for (int32_t i = 1; i < columns; ++i) FillRect(all, i * request.width, 0, 1, all.height, kRule);
  for (int32_t i = 1; i < rows; ++i) FillRect(all, 0, i * request.height, all.width, 1, kRule);
  return all;
}

}  // namespace

absl::Status CheckViewRequest(const ViewRequest& request) {
  VOXEL_RETURN_IF_ERROR(CheckRequest(request));
  return ParseViews(request).status();
}

absl::StatusOr<Image> RenderViews(const Volume& volume, const ViewRequest& request,
                                  const TaskContext& context) {
  VOXEL_RETURN_IF_ERROR(CheckRequest(request));
  VOXEL_ASSIGN_OR_RETURN(const std::vector<NamedOrientation> views, ParseViews(request));
  VOXEL_ASSIGN_OR_RETURN(std::vector<Image> pictures, PaintAll(volume, views, request, context));
  for (size_t i = 0; i < views.size(); ++i) {
    if (request.labels) DrawLabel(pictures[i], views[i].name, request.background);
    if (request.axes) DrawAxes(pictures[i], views[i].orientation, request.background);
  }
  return Assemble(std::move(pictures), request);
}

}  // namespace voxel
