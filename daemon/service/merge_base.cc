#include "daemon/service/merge_base.h"

#include <algorithm>
#include <optional>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;
using voxel::StrCat;

// What `document` knows of merges of that project; 0: none.
int64_t MergedOf(const voxel::Document& document, const Project& project) {
  const auto found = document.merged.find(project.identity().uid);
  return found == document.merged.end() ? 0 : found->second;
}

absl::StatusOr<MergeBase> BaseIn(const Project& project, int64_t revision) {
  VOXEL_ASSIGN_OR_RETURN(RevisionPtr content, project.At(revision));
  return MergeBase{project.identity().id, revision, std::move(content)};
}

// The revision a clone began as, from the project it was cloned from, or else from the clone.
absl::StatusOr<MergeBase> BaseOfFork(const Project& original, const Project& clone) {
  const Fork& fork = clone.identity().forked_from;
  const absl::StatusOr<MergeBase> there = BaseIn(original, fork.revision);
  if (there.ok()) return there;
  VOXEL_ASSIGN_OR_RETURN(RevisionPtr content, clone.At(1));
  return MergeBase{fork.id, fork.revision, std::move(content)};
}

// By what was merged between the two before; nullopt if nothing was.
std::optional<absl::StatusOr<MergeBase>> BaseOfMerges(const Project& project, const Revision& ours,
                                                      const Project& branch,
                                                      const Revision& theirs) {
  const int64_t taken = MergedOf(*ours.document, branch);     // of the branch, by the project
  const int64_t given = MergedOf(*theirs.document, project);  // of the project, by the branch
  if (taken == 0 && given == 0) return std::nullopt;
  if (given == 0) return BaseIn(branch, std::min(taken, theirs.info.revision));
  absl::StatusOr<MergeBase> before = BaseIn(project, given);
  if (taken == 0 || !before.ok()) return before;
  // Both merged the other: the later merge knows of the earlier one.
  if (MergedOf(*before->content->document, branch) == taken) return before;
  return BaseIn(branch, std::min(taken, theirs.info.revision));
}

}  // namespace

absl::StatusOr<MergeBase> FindMergeBase(const Project& project, const Revision& ours,
                                        const Project& branch, const RevisionPtr& theirs) {
  if (const auto merged = BaseOfMerges(project, ours, branch, *theirs)) return *merged;
  const Fork& our_fork = project.identity().forked_from;
  const Fork& their_fork = branch.identity().forked_from;
  if (their_fork.uid == project.identity().uid) return BaseOfFork(project, branch);
  if (our_fork.uid == branch.identity().uid) {
    if (theirs->info.revision < our_fork.revision) {  // it has all of that already
      return MergeBase{branch.identity().id, theirs->info.revision, theirs};
    }
    return BaseOfFork(branch, project);
  }
  if (!our_fork.uid.empty() && our_fork.uid == their_fork.uid) {
    const bool ours_first = our_fork.revision <= their_fork.revision;
    VOXEL_ASSIGN_OR_RETURN(RevisionPtr content, (ours_first ? project : branch).At(1));
    const Fork& first = ours_first ? our_fork : their_fork;
    return MergeBase{first.id, first.revision, std::move(content)};
  }
  return Error(Reason::MERGE_UNRELATED,
               StrCat("project \"", project.identity().id, "\" and branch \"", branch.identity().id,
                      "\" are no clones of each other or of the same project, and were never "
                      "merged; import or copy instead"),
               "branch");
}

}  // namespace voxeld
