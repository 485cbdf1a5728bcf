#include "daemon/store/revision_cursor.h"

#include <utility>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr int32_t kReadAhead = 32;

}  // namespace

RevisionCursor::RevisionCursor(std::shared_ptr<ProjectImpl> project, WatchHub::MemberPtr member,
                               int64_t position, RevisionPtr passed)
    : project_(std::move(project)),
      member_(std::move(member)),
      position_(position),
      passed_(std::move(passed)),
      read_(position) {}

RevisionCursor::~RevisionCursor() { project_->watches().Leave(member_); }

absl::StatusOr<RevisionPtr> RevisionCursor::Next() {
  project_->watches().Took(*member_, position_);
  if (project_->watches().closed()) {
    return voxel::Error(voxel::Reason::PROJECT_NOT_FOUND,
                        voxel::StrCat("project \"", project_->identity().id, "\" was deleted"));
  }
  if (ahead_.empty()) {
    const int64_t durable = project_->durable_revision();
    if (durable <= read_) return RevisionPtr();
    VOXEL_ASSIGN_OR_RETURN(const std::vector<RevisionPtr> more,
                           project_->published().Between(read_, durable, kReadAhead));
    ahead_.assign(more.begin(), more.end());
    read_ = ahead_.back()->info.revision;
  }
  passed_ = std::move(ahead_.front());
  ahead_.pop_front();
  position_ = passed_->info.revision;
  return passed_;
}

void RevisionCursor::Arm(absl::AnyInvocable<void()> wakeup) {
  const auto news = [this] { return !ahead_.empty() || project_->durable_revision() > read_; };
  project_->watches().Arm(member_, news, std::move(wakeup));
}

void RevisionCursor::OnSlow(absl::AnyInvocable<void()> give_up) {
  project_->watches().OnSlow(member_, std::move(give_up));
}

}  // namespace voxeld
