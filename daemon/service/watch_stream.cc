#include "daemon/service/watch_stream.h"

#include <atomic>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/convert/geometry.h"
#include "daemon/runtime/timers.h"
#include "daemon/service/changed_blocks.h"
#include "daemon/service/reading.h"
#include "daemon/service/resume_token.h"
#include "daemon/store/change_summary.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr int kSkipsPerPull = 256;  // then others get their turn

class OneShot {
 public:
  explicit OneShot(absl::AnyInvocable<void()> fn) : fn_(std::move(fn)) {}
  void Run() {
    if (!done_.exchange(true, std::memory_order_acq_rel)) fn_();  // one of two threads takes fn_
  }

 private:
  std::atomic<bool> done_{false};
  absl::AnyInvocable<void()> fn_;
};

// Runs the last thing it was set to, at its time. However often it is set, it has one entry among
// the timers: a busy watch sets it with each revision.
class MarkAlarm : public std::enable_shared_from_this<MarkAlarm> {
 public:
  explicit MarkAlarm(Timers* timers) : timers_(timers) {}

  void Set(Timers::Clock::time_point when, std::shared_ptr<OneShot> what) {
    absl::MutexLock lock(&mu_);
    when_ = when;
    what_ = std::move(what);
    Wait();
  }

 private:
  void Wait() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (waiting_) return;
    waiting_ = true;
    timers_->At(when_, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Ring();
    });
  }
  void Ring() {
    std::shared_ptr<OneShot> what;
    {
      absl::MutexLock lock(&mu_);
      waiting_ = false;
      if (Timers::Clock::now() < when_) return Wait();  // it was set anew meanwhile
      what = std::move(what_);
    }
    if (what != nullptr) what->Run();
  }

  Timers* const timers_;
  absl::Mutex mu_;
  Timers::Clock::time_point when_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<OneShot> what_ ABSL_GUARDED_BY(mu_);
  bool waiting_ ABSL_GUARDED_BY(mu_) = false;
};

class WatchStream final : public ServerStream {
 public:
  WatchStream(Timers* timers, const CallContext* context, std::shared_ptr<Project> project,
              std::unique_ptr<WatchCursor> cursor, const WatchFilter& filter)
      : alarm_(std::make_shared<MarkAlarm>(timers)),
        context_(context),
        project_(std::move(project)),
        cursor_(std::move(cursor)),
        filter_(filter),
        mark_due_(filter.progress == absl::ZeroDuration() ? Timers::Clock::time_point::max()
                                                          : Timers::Clock::time_point::min()) {}

  absl::StatusOr<Pull> Next(google::protobuf::Message* message) override {
    auto* response = static_cast<v1::WatchResponse*>(message);
    for (int skipped = 0; skipped < kSkipsPerPull; ++skipped) {
      // Also between revisions that the box skips: whoever goes on later goes on from there.
      if (Timers::Clock::now() >= mark_due_) return Mark(response);
      const RevisionPtr before = cursor_->passed();
      const int64_t previous = cursor_->position();
      absl::StatusOr<RevisionPtr> next = cursor_->Next();
      if (!next.ok()) return WithPlace(std::move(next).status());
      if (!*next) return Pull::kPending;
      if (!IsWanted(before.get(), **next)) continue;
      FromRevision((*next)->info, response->mutable_change());
      const auto& layers = (*next)->info.layers;
      response->mutable_layers()->Assign(layers.begin(), layers.end());
      if (filter_.blocks) VOXEL_RETURN_IF_ERROR(AddBlocks(*before, **next, response));
      return Send(previous, response);
    }
    return Pull::kPending;  // and Arm finds that there is more
  }

  void Arm(absl::AnyInvocable<void()> wakeup) override {
    if (mark_due_ == Timers::Clock::time_point::max()) return cursor_->Arm(std::move(wakeup));
    // Whichever comes first, a revision or the time for a mark, wakes; the other finds it done.
    auto once = std::make_shared<OneShot>(std::move(wakeup));
    alarm_->Set(mark_due_, once);
    cursor_->Arm([once] { once->Run(); });
  }

  // Both compare documents.
  bool costly() const override { return filter_.blocks || filter_.box.has_value(); }

  void OnSlow(absl::AnyInvocable<void()> give_up) override { cursor_->OnSlow(std::move(give_up)); }

  absl::Status SlowError() const override {
    return WithPlace(Error(Reason::WATCH_TOO_SLOW,
                           "the watch was ended, for its client took nothing while revisions came; "
                           "the fact resume_token says where to go on"));
  }

 private:
  // Where the first revision begins is not retained any more, its bounds must do.
  bool IsWanted(const Revision* before, const Revision& revision) const {
    if (!filter_.box.has_value()) return true;
    if (!filter_.box->Intersects(revision.info.bounds)) return false;
    return before == nullptr || BoxChanged(*before->document, *revision.document, *filter_.box);
  }

  // All of the blocks, or none.
  absl::Status AddBlocks(const Revision& before, const Revision& revision,
                         v1::WatchResponse* response) const {
    voxel::Box box = revision.info.bounds;
    if (filter_.box.has_value()) box = box.Intersection(*filter_.box);
    if (box.empty()) return absl::OkStatus();
    const voxel::TaskContext task = context_->Task();
    VOXEL_ASSIGN_OR_RETURN(std::vector<LayerPair> layers,
                           ChangedLayers(*before.document, *revision.document, task));
    ChangedBlocks changed(std::move(layers), box);
    size_t bytes = 0;
    v1::LayerBlock block;
    while (changed.Next(&block)) {
      VOXEL_RETURN_IF_ERROR(task.Check());
      bytes += block.ByteSizeLong();
      if (bytes > kMaxWatchBlockBytes) {
        response->clear_blocks();
        response->set_blocks_omitted(true);
        return absl::OkStatus();
      }
      response->add_blocks()->Swap(&block);
      block.Clear();
    }
    return absl::OkStatus();
  }

  Pull Mark(v1::WatchResponse* response) {
    response->set_progress(true);
    return Send(cursor_->position(), response);
  }

  Pull Send(int64_t previous, v1::WatchResponse* response) {
    response->set_previous_revision(previous);
    response->set_revision(cursor_->position());
    response->set_resume_token(Token());
    if (filter_.progress > absl::ZeroDuration())
      mark_due_ = Timers::Clock::now() + absl::ToChronoNanoseconds(filter_.progress);
    return Pull::kMessage;
  }

  std::string Token() const {
    return MakeResumeToken(project_->identity(), cursor_->position(), cursor_->passed().get());
  }

  absl::Status WithPlace(absl::Status status) const {
    if (voxel::ReasonOf(status) == voxel::ReasonName(Reason::PROJECT_NOT_FOUND)) return status;
    voxel::SetFact(status, "resume_after", std::to_string(cursor_->position()));
    voxel::SetFact(status, "resume_token", Token());
    return status;
  }

  const std::shared_ptr<MarkAlarm> alarm_;
  const CallContext* const context_;
  const std::shared_ptr<Project> project_;
  const std::unique_ptr<WatchCursor> cursor_;
  const WatchFilter filter_;
  Timers::Clock::time_point mark_due_;
};

// The revision to begin after, 0 for the latest, and the token it came from.
struct Beginning {
  int64_t after = 0;
  std::optional<ResumeToken> token;

  const char* field() const { return token.has_value() ? "resume_token" : "after_revision"; }
};

absl::StatusOr<Beginning> ReadBeginning(const v1::WatchRequest& request) {
  Beginning beginning{.after = request.after_revision(), .token = std::nullopt};
  if (beginning.after < 0) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat("after_revision is ", beginning.after, "; it takes 0 or more"),
                 "after_revision");
  }
  if (request.resume_token().empty()) return beginning;
  if (beginning.after > 0) {
    return Error(Reason::INVALID_FIELD,
                 "after_revision and resume_token are both given; it takes one of them",
                 "after_revision");
  }
  VOXEL_ASSIGN_OR_RETURN(beginning.token, ReadResumeToken(request.resume_token()));
  beginning.after = beginning.token->revision;
  return beginning;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerStream>> OpenWatch(Services& services, CallContext& context,
                                                        std::shared_ptr<Project> project,
                                                        const v1::WatchRequest& request,
                                                        const WatchFilter& filter) {
  VOXEL_ASSIGN_OR_RETURN(const Beginning beginning, ReadBeginning(request));
  if (beginning.token.has_value()) {  // another project's revision may well exist here
    VOXEL_RETURN_IF_ERROR(CheckResumeToken(*beginning.token, project->identity(), nullptr));
  }
  absl::StatusOr<std::unique_ptr<WatchCursor>> cursor = project->Watch(beginning.after);
  if (!cursor.ok()) {
    const bool about_revision = cursor.status().code() == absl::StatusCode::kOutOfRange;
    return about_revision ? voxel::InField(beginning.field(), cursor.status()) : cursor.status();
  }
  const Revision* passed = (*cursor)->passed().get();
  if (beginning.token.has_value()) {
    VOXEL_RETURN_IF_ERROR(CheckResumeToken(*beginning.token, project->identity(), passed));
  }
  if (filter.blocks && passed == nullptr) {
    return voxel::InField(beginning.field(), project->At((*cursor)->position()).status());
  }
  return std::make_unique<WatchStream>(services.timers, &context, std::move(project),
                                       *std::move(cursor), filter);
}

void FromRevision(const RevisionInfo& info, v1::Revision* out) {
  out->set_revision(info.revision);
  out->set_actor(info.actor);
  out->set_comment(info.comment);
  FromTime(info.time, out->mutable_time());
  out->set_voxels_changed(info.voxels_changed);
  if (!info.bounds.empty()) FromBox(info.bounds, out->mutable_bounds());
  out->set_previous_revision(info.previous_revision);
}

}  // namespace voxeld
