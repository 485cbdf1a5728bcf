// A watch of one project: reads the durable revisions in small batches, so that a thousand watches
// do not queue up at the project's lock for every single revision.
//
// Threading: as WatchCursor says.
// Ownership: holds the revisions that it has read ahead, and the last one that it handed out,
//            whether or not the project still retains them. WatchHub ends watches that do so for
//            long.
#pragma once

#include <deque>
#include <memory>

#include "daemon/store/project_impl.h"

namespace voxeld {

class RevisionCursor final : public WatchCursor {
 public:
  // `member` comes from project->watches().Join(), which this leaves. `passed`: the revision at
  // `position`, null if it is no longer retained.
  RevisionCursor(std::shared_ptr<ProjectImpl> project, WatchHub::MemberPtr member, int64_t position,
                 RevisionPtr passed);
  ~RevisionCursor() override;

  absl::StatusOr<RevisionPtr> Next() override;
  int64_t position() const override { return position_; }
  const RevisionPtr& passed() const override { return passed_; }
  void Arm(absl::AnyInvocable<void()> wakeup) override;
  void OnSlow(absl::AnyInvocable<void()> give_up) override;

 private:
  const std::shared_ptr<ProjectImpl> project_;
  const WatchHub::MemberPtr member_;
  int64_t position_;               // the last one handed out
  RevisionPtr passed_;             // the same
  int64_t read_;                   // the last one in `ahead_`, or position_
  std::deque<RevisionPtr> ahead_;  // read, not yet handed out
};

}  // namespace voxeld
