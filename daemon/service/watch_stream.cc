#include "daemon/service/watch_stream.h"

#include <atomic>
#include <utility>

#include "absl/time/clock.h"
#include "daemon/convert/geometry.h"
#include "daemon/runtime/timers.h"
#include "daemon/service/reading.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

class WatchStream final : public ServerStream {
 public:
  WatchStream(Timers* timers, std::unique_ptr<WatchCursor> cursor, const WatchFilter& filter)
      : timers_(timers),
        cursor_(std::move(cursor)),
        filter_(filter),
        passed_(cursor_->position()),
        quiet_since_(absl::Now()) {}

  absl::StatusOr<Pull> Next(google::protobuf::Message* message) override {
    auto* response = static_cast<v1::WatchResponse*>(message);
    for (;;) {
      absl::StatusOr<RevisionPtr> next = cursor_->Next();
      if (!next.ok()) return std::move(next).status();
      if (!*next) return ProgressIsDue() ? Mark(response) : Pull::kPending;
      const RevisionInfo& info = (*next)->info;
      const int64_t previous = std::exchange(passed_, info.revision);
      if (filter_.box.has_value() && !filter_.box->Intersects(info.bounds)) continue;
      response->set_previous_revision(previous);
      response->set_revision(info.revision);
      FromRevision(info, response->mutable_change());
      response->mutable_layers()->Assign(info.layers.begin(), info.layers.end());
      quiet_since_ = absl::Now();
      return Pull::kMessage;
    }
  }

  void Arm(absl::AnyInvocable<void()> wakeup) override {
    if (filter_.progress == absl::ZeroDuration()) return cursor_->Arm(std::move(wakeup));
    // Whichever comes first, a revision or the time for a mark, wakes; the other finds it done.
    auto once = std::make_shared<OneShot>(std::move(wakeup));
    timers_->At(quiet_since_ + filter_.progress, [once] { once->Run(); });
    cursor_->Arm([once] { once->Run(); });
  }

 private:
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

  bool ProgressIsDue() const {
    return filter_.progress != absl::ZeroDuration() &&
           absl::Now() >= quiet_since_ + filter_.progress;
  }
  Pull Mark(v1::WatchResponse* response) {
    response->set_progress(true);
    response->set_revision(passed_);
    response->set_previous_revision(passed_);
    quiet_since_ = absl::Now();
    return Pull::kMessage;
  }

  Timers* const timers_;
  const std::unique_ptr<WatchCursor> cursor_;
  const WatchFilter filter_;
  int64_t passed_;  // the last revision sent or skipped
  absl::Time quiet_since_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ServerStream>> OpenWatch(Services& services, Project& project,
                                                        int64_t after, const WatchFilter& filter) {
  absl::StatusOr<std::unique_ptr<WatchCursor>> cursor = project.Watch(after);
  if (!cursor.ok()) {
    // A dropped revision is told without a field: it may be any call's argument.
    return voxel::FieldOf(cursor.status()).empty()
               ? voxel::InField("after_revision", cursor.status())
               : cursor.status();
  }
  return std::make_unique<WatchStream>(services.timers, *std::move(cursor), filter);
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
