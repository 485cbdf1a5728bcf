// inspect.check_structure: what builders regret.
#include <algorithm>
#include <bitset>
#include <vector>

#include "daemon/convert/enums.h"
#include "daemon/convert/findings.h"
#include "daemon/convert/geometry.h"
#include "daemon/service/inspect_subject.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/components.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/shells.h"
#include "voxel/ops/surface_check.h"
#include "voxel/ops/symmetry.h"
#include "voxel/ops/thickness.h"

namespace voxeld {
namespace {

using voxel::Component;
using voxel::Error;
using voxel::Reason;

constexpr uint32_t kDefaultThickness = 2;

// The request, checked.
struct Checks {
  std::bitset<v1::StructureCheck_ARRAYSIZE> wanted;
  uint32_t thickness = kDefaultThickness;
  uint32_t max_items = kDefaultListed;
};

absl::Status CheckGround(const v1::CheckStructureRequest& request) {
  VOXEL_RETURN_IF_ERROR(CheckEnum(request.support(), "support"));
  if (!request.has_ground()) return absl::OkStatus();
  if (request.support() == v1::SUPPORT_LARGEST) {
    return Error(
        Reason::INVALID_FIELD,
        voxel::StrCat("ground is ", request.ground(), "; with SUPPORT_LARGEST there is no ground"),
        "ground");
  }
  if (request.ground() >= voxel::kMinCoord && request.ground() < voxel::kMaxCoord)
    return absl::OkStatus();
  return Error(
      Reason::OUT_OF_WORLD,
      voxel::StrCat("ground is ", request.ground(), "; it must be in [-1073741824, 1073741824)"),
      "ground");
}

absl::StatusOr<Checks> ToChecks(const v1::CheckStructureRequest& request) {
  Checks checks;
  for (int i = 0; i < request.checks_size(); ++i) {
    const std::string field = voxel::StrCat("checks[", i, "]");
    VOXEL_RETURN_IF_ERROR(CheckEnum(request.checks(i), field));
    if (request.checks(i) == v1::STRUCTURE_CHECK_UNSPECIFIED) {
      return Error(Reason::INVALID_FIELD,
                   voxel::StrCat(field,
                                 " is STRUCTURE_CHECK_UNSPECIFIED; it takes FLOATING, "
                                 "CAVITIES, THIN_WALLS, SYMMETRY or WATERTIGHT"),
                   field);
    }
    checks.wanted.set(static_cast<size_t>(request.checks(i)));
  }
  if (checks.wanted.none()) checks.wanted.set();
  VOXEL_RETURN_IF_ERROR(CheckGround(request));
  VOXEL_ASSIGN_OR_RETURN(checks.thickness, Bounded(request.min_thickness(), kDefaultThickness,
                                                   voxel::kMostThickness, "min_thickness"));
  VOXEL_ASSIGN_OR_RETURN(checks.max_items,
                         Bounded(request.max_items(), kDefaultListed, kMaxListed, "max_items"));
  return checks;
}

int64_t VoxelsOf(const std::vector<Component>& components) {
  int64_t voxels = 0;
  for (const Component& component : components) voxels += component.voxels;
  return voxels;
}

// One check after the other, on the part of the volume that the box leaves.
class Inspection {
 public:
  Inspection(const v1::CheckStructureRequest& request, const Checks& checks,
             const voxel::Volume& volume, const voxel::TaskContext& task,
             v1::CheckStructureResponse* response)
      : request_(request), checks_(checks), volume_(volume), task_(task), response_(response) {}

  absl::Status Run() {
    if (Wants(v1::STRUCTURE_CHECK_FLOATING)) VOXEL_RETURN_IF_ERROR(Floating());
    if (Wants(v1::STRUCTURE_CHECK_CAVITIES)) VOXEL_RETURN_IF_ERROR(Cavities());
    if (Wants(v1::STRUCTURE_CHECK_THIN_WALLS)) VOXEL_RETURN_IF_ERROR(ThinWalls());
    if (Wants(v1::STRUCTURE_CHECK_SYMMETRY)) VOXEL_RETURN_IF_ERROR(Symmetry());
    if (Wants(v1::STRUCTURE_CHECK_WATERTIGHT)) VOXEL_RETURN_IF_ERROR(Watertight());
    return absl::OkStatus();
  }

 private:
  bool Wants(v1::StructureCheck check) const {
    return checks_.wanted.test(static_cast<size_t>(check));
  }

  absl::Status Floating() {
    VOXEL_ASSIGN_OR_RETURN(std::vector<Component> parts,
                           voxel::FindComponents(volume_, voxel::kWorld, task_));
    v1::FloatingParts* out = response_->mutable_floating();
    out->set_parts(static_cast<int64_t>(parts.size()));
    if (request_.support() == v1::SUPPORT_LARGEST) {
      if (!parts.empty()) parts.erase(parts.begin());
    } else {
      const int32_t ground = request_.has_ground() ? request_.ground() : volume_.Bounds().min.z;
      const auto stands = [ground](const Component& part) { return part.bounds.min.z <= ground; };
      parts.erase(std::remove_if(parts.begin(), parts.end(), stands), parts.end());
    }
    out->set_verdict(VerdictOf(parts.empty()));
    out->set_total(static_cast<int64_t>(parts.size()));
    out->set_voxels(VoxelsOf(parts));
    FromComponents(parts, checks_.max_items, out->mutable_items());
    return absl::OkStatus();
  }

  absl::Status Cavities() {
    VOXEL_ASSIGN_OR_RETURN(const voxel::Volume air,
                           voxel::FindVoids(volume_, voxel::kWorld, task_));
    VOXEL_ASSIGN_OR_RETURN(const std::vector<Component> cavities,
                           voxel::FindComponents(air, voxel::kWorld, task_));
    v1::Cavities* out = response_->mutable_cavities();
    out->set_verdict(VerdictOf(cavities.empty()));
    out->set_total(static_cast<int64_t>(cavities.size()));
    out->set_voxels(air.CountVoxels());
    FromComponents(cavities, checks_.max_items, out->mutable_items());
    return absl::OkStatus();
  }

  absl::Status ThinWalls() {
    VOXEL_ASSIGN_OR_RETURN(const voxel::ThinVoxels thin,
                           voxel::FindThin(volume_, checks_.thickness, checks_.max_items, task_));
    FromThin(thin, response_->mutable_thin_walls());
    return absl::OkStatus();
  }

  absl::Status Symmetry() {
    v1::Symmetry* out = response_->mutable_symmetry();
    if (volume_.empty()) return absl::OkStatus();
    for (const voxel::Axis axis : {voxel::Axis::kX, voxel::Axis::kY, voxel::Axis::kZ}) {
      VOXEL_ASSIGN_OR_RETURN(const voxel::MirrorPlane plane,
                             voxel::FindMirrorPlane(volume_, axis, task_));
      FromMirrorPlane(plane, axis, volume_.CountVoxels(), out->add_planes());
    }
    return absl::OkStatus();
  }

  absl::Status Watertight() {
    VOXEL_ASSIGN_OR_RETURN(const voxel::SurfaceFaults faults,
                           voxel::CheckSurface(volume_, checks_.max_items, task_));
    FromSurface(faults, response_->mutable_watertight());
    return absl::OkStatus();
  }

  const v1::CheckStructureRequest& request_;
  const Checks& checks_;
  const voxel::Volume& volume_;
  const voxel::TaskContext& task_;
  v1::CheckStructureResponse* response_;
};

}  // namespace

absl::Status InspectCheckStructure(Services& services, CallContext& context,
                                   const v1::CheckStructureRequest& request,
                                   v1::CheckStructureResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const Checks checks, ToChecks(request));
  VOXEL_ASSIGN_OR_RETURN(const Subject subject, FindSubject(services, context, request));
  const voxel::TaskContext task = LongTask(services, context);
  VOXEL_ASSIGN_OR_RETURN(const voxel::Volume volume,
                         voxel::Within(subject.volume, subject.box, task));
  response->set_revision(subject.number());
  response->set_voxels(volume.CountVoxels());
  if (!volume.empty()) FromBox(volume.Bounds(), response->mutable_bounds());
  return Inspection(request, checks, volume, task, response).Run();
}

}  // namespace voxeld
