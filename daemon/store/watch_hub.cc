#include "daemon/store/watch_hub.h"

#include <utility>

namespace voxeld {

WatchHub::Id WatchHub::Join() {
  absl::MutexLock lock(&mu_);
  if (watches_ >= max_watches_) return 0;
  ++watches_;
  return ++last_id_;
}

void WatchHub::Leave(Id id) {
  Wakeup unused;  // ends outside the lock
  absl::MutexLock lock(&mu_);
  --watches_;
  const auto found = armed_.find(id);
  if (found == armed_.end()) return;
  unused = std::move(found->second);
  armed_.erase(found);
}

void WatchHub::Arm(Id id, absl::FunctionRef<bool()> there_is_news, Wakeup wakeup) {
  {
    absl::MutexLock lock(&mu_);
    // WakeAll locks after the news is out: either it finds this entry, or we see the news.
    if (!closed_ && !there_is_news()) {
      std::swap(armed_[id], wakeup);
      wakeup = nullptr;
      return;
    }
  }
  wakeup();
}

void WatchHub::WakeAll() {
  absl::flat_hash_map<Id, Wakeup> armed;
  {
    absl::MutexLock lock(&mu_);
    if (armed_.empty()) return;
    armed.swap(armed_);
  }
  pool_->Post([armed = std::move(armed)]() mutable {
    for (auto& [id, wakeup] : armed) wakeup();
  });
}

void WatchHub::Close() {
  {
    absl::MutexLock lock(&mu_);
    closed_ = true;
  }
  WakeAll();
}

bool WatchHub::closed() const {
  absl::MutexLock lock(&mu_);
  return closed_;
}

int32_t WatchHub::watches() const {
  absl::MutexLock lock(&mu_);
  return watches_;
}

size_t WatchHub::waiting() const {
  absl::MutexLock lock(&mu_);
  return armed_.size();
}

}  // namespace voxeld
