// inspect.compare: what is, and what it should be.
#include "daemon/convert/color_text.h"
#include "daemon/convert/findings.h"
#include "daemon/convert/geometry.h"
#include "daemon/service/inspect_subject.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/compare.h"
#include "voxel/ops/far_transform.h"
#include "voxel/ops/paint.h"

namespace voxeld {
namespace {

using voxel::Box;
using voxel::Error;
using voxel::Reason;

// The blueprint where it is compared.
struct Placed {
  Subject subject;
  voxel::Volume volume;
  Box box = voxel::kWorld;  // what its box, moved, covers of the world
};

absl::StatusOr<Box> Moved(const Box& box, voxel::Coord offset) {
  Box moved;
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t min = int64_t{box.min[axis]} + offset[axis];
    const int64_t max = int64_t{box.max[axis]} + offset[axis];
    if (min < voxel::kMinCoord || max > voxel::kMaxCoord) {
      return Error(
          Reason::OUT_OF_WORLD,
          voxel::StrCat("offset[", axis, "] is ", offset[axis], "; it would move the box to ", min,
                        " to ", max, ", and the world is [-1073741824, 1073741824)"),
          "offset");
    }
    moved.min[axis] = static_cast<int32_t>(min);
    moved.max[axis] = static_cast<int32_t>(max);
  }
  return moved;
}

// Fields in errors are those of the blueprint.
absl::StatusOr<Placed> Place(Services& services, CallContext& context, std::string_view project,
                             const v1::Blueprint& blueprint) {
  Placed placed;
  voxel::Transform move;
  if (blueprint.offset_size() != 0) {
    VOXEL_ASSIGN_OR_RETURN(move.offset, ToVector(blueprint.offset(), "offset"));
  }
  VOXEL_ASSIGN_OR_RETURN(
      placed.subject,
      FindSubject(services, context, blueprint.project().empty() ? project : blueprint.project(),
                  blueprint.layer(), blueprint.revision(),
                  blueprint.has_box() ? &blueprint.box() : nullptr, blueprint.selection()));
  if (blueprint.has_box()) {
    VOXEL_ASSIGN_OR_RETURN(placed.box, Moved(placed.subject.box, move.offset));
  }
  const voxel::TaskContext task = LongTask(services, context);
  VOXEL_ASSIGN_OR_RETURN(const voxel::Volume cut,
                         voxel::Within(placed.subject.volume, placed.subject.box, task));
  if (!cut.empty()) VOXEL_RETURN_IF_ERROR(Moved(cut.Bounds(), move.offset).status());
  VOXEL_ASSIGN_OR_RETURN(placed.volume, voxel::FarTransform(cut, move, task));
  return placed;
}

absl::StatusOr<voxel::CompareOptions> ToCompareOptions(const v1::CompareRequest& request) {
  voxel::CompareOptions options;
  VOXEL_ASSIGN_OR_RETURN(options.tolerance,
                         Bounded(request.tolerance(), 0, kMaxTolerance, "tolerance"));
  if (request.ignore_colors() && options.tolerance != 0) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat("tolerance is ", options.tolerance,
                               "; with ignore_colors there are no colours to compare"),
                 "tolerance");
  }
  options.ignore_colors = request.ignore_colors();
  VOXEL_ASSIGN_OR_RETURN(options.max_samples,
                         Bounded(request.max_items(), 0, kMaxListed, "max_items"));
  return options;
}

}  // namespace

absl::Status InspectCompare(Services& services, CallContext& context,
                            const v1::CompareRequest& request, v1::CompareResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(voxel::CompareOptions options, ToCompareOptions(request));
  if (!request.has_blueprint()) {
    return Error(Reason::MISSING_FIELD, "blueprint is missing", "blueprint");
  }
  VOXEL_ASSIGN_OR_RETURN(const Subject subject, FindSubject(services, context, request));
  const absl::StatusOr<Placed> placed =
      Place(services, context, request.project(), request.blueprint());
  if (!placed.ok()) return AtField("blueprint", placed.status());
  options.box = request.has_box() ? subject.box : placed->box;
  VOXEL_ASSIGN_OR_RETURN(
      const voxel::Comparison comparison,
      voxel::CompareVolumes(subject.volume, placed->volume, options, LongTask(services, context)));
  response->set_revision(subject.number());
  response->set_blueprint_revision(placed->subject.number());
  FromComparison(comparison, response);
  return absl::OkStatus();
}

}  // namespace voxeld
