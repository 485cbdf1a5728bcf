#include "voxel/render/view.h"

#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/image/draw.h"
#include "voxel/render/lighting.h"
#include "voxel/render/occupancy_index.h"
#include "voxel/render/overlay.h"
#include "voxel/render/painter.h"
#include "voxel/render/view_plan.h"

namespace voxel {
namespace {

// The views' plain pictures, without anything written on them.
absl::StatusOr<std::vector<Image>> PaintAll(const Volume& volume, const ViewPlan& plan,
                                            const ViewRequest& request,
                                            const TaskContext& context) {
  std::vector<Image> pictures;
  if (volume.empty()) {
    pictures.assign(plan.views().size(), Image(plan.width(), plan.height(), request.background));
    return pictures;
  }
  VOXEL_ASSIGN_OR_RETURN(const OccupancyIndex index, OccupancyIndex::Build(volume, context));
  std::vector<Camera> cameras;
  int64_t bands = 0;
  for (const PlannedView& view : plan.views()) {
    cameras.push_back(plan.CameraOf(view, volume, index.origin()));
    bands += BandsOf(cameras.back());
  }
  BandRunner runner(context, bands);
  for (const Camera& camera : cameras) {
    const Lighting lighting =
        request.light ? Lighting(*request.light, camera.orientation) : Lighting(camera.orientation);
    VOXEL_ASSIGN_OR_RETURN(Image picture,
                           PaintView(volume, index, camera, lighting, request.background, runner));
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

// The pictures in a grid, with thin lines between them.
Image Assemble(std::vector<Image> pictures, const ViewPlan& plan, uint32_t background) {
  if (pictures.size() == 1) return std::move(pictures[0]);
  Image all(plan.columns() * plan.width(), plan.rows() * plan.height(), background);
  for (size_t i = 0; i < pictures.size(); ++i) {
    const int32_t column = int32_t(i) % plan.columns();
    const int32_t row = int32_t(i) / plan.columns();
    Paste(all, column * plan.width(), row * plan.height(), pictures[i]);
  }
  constexpr uint32_t kRule = 0x80808060;
  for (int32_t i = 1; i < plan.columns(); ++i) {
    FillRect(all, i * plan.width(), 0, 1, all.height, kRule);
  }
  for (int32_t i = 1; i < plan.rows(); ++i) {
    FillRect(all, 0, i * plan.height(), all.width, 1, kRule);
  }
  return all;
}

}  // namespace

absl::Status CheckViewRequest(const ViewRequest& request) {
  return ViewPlan::Make(request).status();
}

absl::StatusOr<Image> RenderViews(const Volume& volume, const ViewRequest& request,
                                  const TaskContext& context) {
  VOXEL_ASSIGN_OR_RETURN(const ViewPlan plan, ViewPlan::Make(request));
  VOXEL_ASSIGN_OR_RETURN(std::vector<Image> pictures, PaintAll(volume, plan, request, context));
  for (size_t i = 0; i < pictures.size(); ++i) {
    const PlannedView& view = plan.views()[i];
    if (request.labels) DrawLabel(pictures[i], view.name, request.background);
    if (request.axes) DrawAxes(pictures[i], view.orientation, request.background);
  }
  return Assemble(std::move(pictures), plan, request.background);
}

}  // namespace voxel
