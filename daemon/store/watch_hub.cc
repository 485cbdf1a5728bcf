#include "daemon/store/watch_hub.h"

#include <utility>

#include "daemon/store/steady_ms.h"

namespace voxeld {
namespace {

constexpr int64_t kLookEveryMs = 200;

}  // namespace

WatchHub::MemberPtr WatchHub::Join(int64_t position) {
  auto member = std::make_shared<Member>();
  Took(*member, position);
  absl::MutexLock lock(&mu_);
  if (std::ssize(members_) >= limits_.max_watches) return nullptr;
  members_.emplace(member.get(), member);
  return member;
}

void WatchHub::Leave(const MemberPtr& member) {
  Wakeup unused;  // both end outside the lock
  std::shared_ptr<Wakeup> unused_too;
  absl::MutexLock lock(&mu_);
  members_.erase(member.get());
  unused_too = std::move(member->give_up_);
  const auto found = armed_.find(member.get());
  if (found == armed_.end()) return;
  unused = std::move(found->second);
  armed_.erase(found);
}

void WatchHub::Took(Member& member, int64_t position) const {
  member.position_.store(position, std::memory_order_relaxed);
  member.taken_ms_.store(SteadyMs(), std::memory_order_relaxed);
  member.news_.store(news_.load(std::memory_order_relaxed), std::memory_order_relaxed);
}

void WatchHub::OnSlow(const MemberPtr& member, Wakeup give_up) {
  auto kept = std::make_shared<Wakeup>(std::move(give_up));
  absl::MutexLock lock(&mu_);
  member->give_up_.swap(kept);
}

void WatchHub::Arm(const MemberPtr& member, absl::FunctionRef<bool()> there_is_news,
                   Wakeup wakeup) {
  {
    absl::MutexLock lock(&mu_);
    // WakeAll locks after the news is out: either it finds this entry, or we see the news.
    if (!closed() && !there_is_news()) {
      std::swap(armed_[member.get()], wakeup);
      wakeup = nullptr;
      return;
    }
  }
  wakeup();
}

WatchHub::Calls WatchHub::FindSlow(int64_t dropped) {
  const int64_t now = SteadyMs();
  // Who waits takes what comes: the time runs from here.
  for (const auto& [member, wakeup] : armed_) {
    member->taken_ms_.store(now, std::memory_order_relaxed);
  }
  Calls slow;
  if (now < last_look_ms_ + kLookEveryMs) return slow;
  last_look_ms_ = now;
  const int64_t news = news_.load(std::memory_order_relaxed);
  for (const auto& [id, member] : members_) {
    if (member->give_up_ == nullptr ||
        now < member->taken_ms_.load(std::memory_order_relaxed) + limits_.patience_ms) {
      continue;
    }
    const bool behind = member->position_.load(std::memory_order_relaxed) < dropped;
    if (member->untaken(news) > (behind ? 0 : limits_.max_untaken)) {
      slow.push_back(member->give_up_);
    }
  }
  return slow;
}

void WatchHub::WakeAll(int64_t revisions, absl::FunctionRef<int64_t()> dropped) {
  absl::flat_hash_map<Member*, Wakeup> armed;
  Calls slow;
  {
    absl::MutexLock lock(&mu_);
    news_.store(news_.load(std::memory_order_relaxed) + revisions, std::memory_order_relaxed);
    if (members_.empty()) return;
    slow = FindSlow(dropped());
    if (armed_.empty() && slow.empty()) return;
    armed.swap(armed_);
  }
  pool_->Post([armed = std::move(armed), slow = std::move(slow)]() mutable {
    for (auto& [member, wakeup] : armed) wakeup();
    for (const std::shared_ptr<Wakeup>& give_up : slow) (*give_up)();
  });
}

void WatchHub::Close() {
  {
    absl::MutexLock lock(&mu_);
    closed_.store(true, std::memory_order_release);
  }
  WakeAll(0, [] { return int64_t{0}; });
}

int32_t WatchHub::watches() const {
  absl::MutexLock lock(&mu_);
  return static_cast<int32_t>(members_.size());
}

size_t WatchHub::waiting() const {
  absl::MutexLock lock(&mu_);
  return armed_.size();
}

}  // namespace voxeld
