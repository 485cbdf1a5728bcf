#include "daemon/service/peer_waits.h"

namespace voxeld {

std::optional<PeerWaits::Turn> PeerWaits::Enter(std::string_view peer, size_t amount) {
  const absl::MutexLock lock(&mutex_);
  std::atomic<size_t>& waiting = Of(peer);
  const size_t before = waiting.load(std::memory_order_relaxed);
  if (before > 0 && (amount > most_ || before > most_ - amount)) return std::nullopt;
  waiting.fetch_add(amount, std::memory_order_relaxed);
  return Turn(&waiting, amount);
}

PeerWaits::Turn PeerWaits::EnterAnyway(std::string_view peer, size_t amount) {
  const absl::MutexLock lock(&mutex_);
  std::atomic<size_t>& waiting = Of(peer);
  waiting.fetch_add(amount, std::memory_order_relaxed);
  return {&waiting, amount};
}

std::atomic<size_t>& PeerWaits::Of(std::string_view peer) {
  auto found = waiting_.find(peer);
  if (found == waiting_.end()) {
    if (waiting_.size() >= kKept) {
      std::erase_if(waiting_, [](const auto& entry) { return entry.second == 0; });
    }
    found = waiting_.try_emplace(std::string(peer), 0).first;
  }
  return found->second;
}

size_t PeerWaits::peers() const {
  const absl::MutexLock lock(&mutex_);
  return waiting_.size();
}

}  // namespace voxeld
