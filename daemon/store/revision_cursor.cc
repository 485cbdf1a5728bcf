#include "daemon/store/revision_cursor.h"

#include <utility>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr int32_t kReadAhead = 32;

}  // namespace

RevisionCursor::RevisionCursor(std::shared_ptr<ProjectImpl> project, WatchHub::Id id,
                               int64_t position)
    : project_(std::move(project)), id_(id), passed_(position), read_(position) {}

RevisionCursor::~RevisionCursor() { project_->watches().Leave(id_); }

absl::StatusOr<RevisionPtr> RevisionCursor::Next() {
  if (project_->watches().closed()) {
    return voxel::Error(voxel::Reason::PROJECT_NOT_FOUND,
                        voxel::StrCat("project \"", project_->identity().id, "\" was deleted"));
  }
  if (ahead_.empty()) {
    if (project_->head()->info.revision <= read_) return RevisionPtr();
    VOXEL_ASSIGN_OR_RETURN(const std::vector<RevisionPtr> more,
                           project_->published().Above(read_, kReadAhead));
    ahead_.assign(more.begin(), more.end());
    read_ = ahead_.back()->info.revision;
  }
  RevisionPtr next = std::move(ahead_.front());
  ahead_.pop_front();
  passed_ = next->info.revision;
  return next;
}

void RevisionCursor::Arm(absl::AnyInvocable<void()> wakeup) {
  const auto news = [this] { return !ahead_.empty() || project_->head()->info.revision > read_; };
  project_->watches().Arm(id_, news, std::move(wakeup));
}

}  // namespace voxeld
