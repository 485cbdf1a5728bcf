#include "voxel/render/pick.h"

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/render/occupancy_index.h"
#include "voxel/render/ray_walk.h"
#include "voxel/render/view_plan.h"

namespace voxel {
namespace {

absl::Status CheckPixel(uint32_t at, int64_t size, std::string_view field) {
  if (at < size) return absl::OkStatus();
  return Error(Reason::INVALID_FIELD,
               StrCat(field, " is ", at, "; the picture has the pixels 0 to ", size - 1), field);
}

}  // namespace

absl::StatusOr<PickedVoxel> PickVoxel(const Volume& volume, const ViewRequest& request, uint32_t x,
                                      uint32_t y, const TaskContext& context) {
  VOXEL_ASSIGN_OR_RETURN(const ViewPlan plan, ViewPlan::Make(request));
  VOXEL_RETURN_IF_ERROR(CheckPixel(x, int64_t{plan.columns()} * plan.width(), "x"));
  VOXEL_RETURN_IF_ERROR(CheckPixel(y, int64_t{plan.rows()} * plan.height(), "y"));
  const auto width = uint32_t(plan.width());
  const auto height = uint32_t(plan.height());
  const size_t place = size_t{y / height} * size_t(plan.columns()) + x / width;
  PickedVoxel picked;
  if (place >= plan.views().size()) return picked;
  const PlannedView& view = plan.views()[place];
  picked.view = view.name;
  if (volume.empty()) return picked;
  VOXEL_ASSIGN_OR_RETURN(const OccupancyIndex index, OccupancyIndex::Build(volume, context));
  const Camera camera = plan.CameraOf(view, volume, index.origin());
  const RayDirection direction(camera.orientation.forward);
  RayWalk walk(index, direction, camera.RayOrigin(x % width + 0.5, y % height + 0.5));
  WalkHit hit;
  picked.hit = walk.Next(hit);
  if (!picked.hit) return picked;
  picked.position = index.CoordOf(hit.voxel);
  picked.normal[hit.axis] = direction.upward[size_t(hit.axis)] != 0 ? -1 : 1;
  picked.color = volume.Get(picked.position);
  return picked;
}

}  // namespace voxel
