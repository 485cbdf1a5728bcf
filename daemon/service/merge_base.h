// The revision at which two projects were the same: where a merge begins.
//
// A project knows what it was cloned from, and its document which revisions of others were merged
// into it. Of several places the latest counts: what was merged before is not merged again.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "daemon/store/project.h"

namespace voxeld {

struct MergeBase {
  std::string project;  // whose revision it is, by what the two know
  int64_t revision = 0;
  RevisionPtr content;  // has its document; perhaps the first revision of a clone of it
};

// For merging `theirs`, a revision of `branch`, into `ours`, the applied revision of `project`.
//   MERGE_UNRELATED   neither is a clone of the other, nor are both of a third, nor was one merged
//   REVISION_DROPPED  the revision is no longer retained, by either
absl::StatusOr<MergeBase> FindMergeBase(const Project& project, const Revision& ours,
                                        const Project& branch, const RevisionPtr& theirs);

}  // namespace voxeld
