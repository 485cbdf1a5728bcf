// A watch of one project: reads the published revisions in small batches, so that a thousand
// watches do not queue up at the project's lock for every single revision.
//
// Threading: as WatchCursor says.
#pragma once

#include <deque>
#include <memory>

#include "daemon/store/project_impl.h"

namespace voxeld {

class RevisionCursor final : public WatchCursor {
 public:
  // `id` comes from project->watches().Join(), which this gives back.
  RevisionCursor(std::shared_ptr<ProjectImpl> project, WatchHub::Id id, int64_t position);
  ~RevisionCursor() override;

  absl::StatusOr<RevisionPtr> Next() override;
  int64_t position() const override { return passed_; }
  void Arm(absl::AnyInvocable<void()> wakeup) override;

 private:
  const std::shared_ptr<ProjectImpl> project_;
  const WatchHub::Id id_;
  int64_t passed_;                 // the last one handed out
  int64_t read_;                   // the last one in `ahead_`, or passed_
  std::deque<RevisionPtr> ahead_;  // read, not yet handed out
};

}  // namespace voxeld
