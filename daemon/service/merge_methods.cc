// project.merge: takes over what another project changed.
#include <algorithm>
#include <utility>

#include "daemon/convert/enums.h"
#include "daemon/convert/geometry.h"
#include "daemon/service/merge_base.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/merge_documents.h"

namespace voxeld {
namespace {

using voxel::Document;
using voxel::Error;
using voxel::MergePolicy;
using voxel::Reason;
using voxel::RefPtr;

constexpr size_t kMaxConflicts = 100;

absl::StatusOr<MergePolicy> ToPolicy(v1::MergePolicy policy) {
  VOXEL_RETURN_IF_ERROR(CheckEnum(policy, "policy"));
  if (policy == v1::MERGE_POLICY_OURS) return MergePolicy::kOurs;
  if (policy == v1::MERGE_POLICY_THEIRS) return MergePolicy::kTheirs;
  return MergePolicy::kFail;
}

absl::Status CheckLayerCount(const Services& services, const Document& before,
                             const Document& after) {
  const size_t most =
      std::max(before.layers.size(), static_cast<size_t>(services.limits.max_layers));
  if (after.layers.size() <= most) return absl::OkStatus();
  return Error(Reason::LIMIT_LAYERS,
               voxel::StrCat("the merge would make ", after.layers.size(),
                             " layers; a project has at most ", services.limits.max_layers),
               "branch");
}

void FillConflicts(const std::vector<voxel::MergeConflict>& conflicts,
                   v1::MergeProjectResponse* response) {
  const size_t shown = std::min(conflicts.size(), kMaxConflicts);
  for (size_t i = 0; i < shown; ++i) {
    v1::MergeConflict* out = response->add_conflicts_in();
    out->set_what(conflicts[i].what);
    out->set_layer(conflicts[i].layer);
    out->set_voxels(conflicts[i].voxels);
    if (!conflicts[i].bounds.empty()) FromBox(conflicts[i].bounds, out->mutable_bounds());
  }
  response->set_conflicts_left_out(static_cast<int32_t>(conflicts.size() - shown));
}

}  // namespace

absl::Status ProjectMerge(Services& services, CallContext& context,
                          const v1::MergeProjectRequest& request,
                          v1::MergeProjectResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> branch,
                         FindProject(services, request.branch(), "branch"));
  if (branch == project) {
    return Error(Reason::INVALID_FIELD, "branch is the project itself; it takes another one",
                 "branch");
  }
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr theirs,
                         RevisionOf(*branch, request.branch_revision(), "branch_revision"));
  VOXEL_ASSIGN_OR_RETURN(const MergePolicy policy, ToPolicy(request.policy()));
  MergeBase base;
  voxel::DocumentMerge merge;
  const auto change = [&](const Revision& applied) -> absl::StatusOr<RefPtr<const Document>> {
    VOXEL_ASSIGN_OR_RETURN(base, FindMergeBase(*project, applied, *branch, theirs));
    VOXEL_ASSIGN_OR_RETURN(
        merge, voxel::MergeDocuments(*base.content->document, applied.document, *theirs->document,
                                     policy, EditTask(services, context)));
    VOXEL_RETURN_IF_ERROR(CheckLayerCount(services, *applied.document, *merge.document));
    // Settled conflicts are remembered, too, though they may change nothing.
    if (merge.document == applied.document && merge.conflicts.empty()) return applied.document;
    auto after = voxel::MakeRef<Document>(*merge.document);
    int64_t& known = after->merged[branch->identity().uid];
    known = std::max(known, theirs->info.revision);
    return RefPtr<const Document>(std::move(after));
  };
  return Mutate(services, context, *project, request.write(), request, change, response,
                [&](const Outcome&) {
                  response->set_base_project(base.project);
                  response->set_base_revision(base.revision);
                  response->set_branch_revision(theirs->info.revision);
                  response->set_taken(merge.taken);
                  response->set_same(merge.same);
                  response->set_conflicts(merge.conflicting_voxels);
                  FillConflicts(merge.conflicts, response);
                });
}

}  // namespace voxeld
