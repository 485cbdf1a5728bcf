#include "daemon/service/peer_waits.h"

namespace voxeld {

std::optional<PeerWaits::Turn> PeerWaits::Enter(std::string_view peer) {
  const absl::MutexLock lock(&mutex_);
  auto found = waiting_.find(peer);
  if (found == waiting_.end()) {
    if (waiting_.size() >= kKept) {
      std::erase_if(waiting_, [](const auto& entry) { return entry.second == 0; });
    }
    found = waiting_.try_emplace(std::string(peer), 0).first;
  }
  if (found->second.load(std::memory_order_relaxed) >= most_) return std::nullopt;
  found->second.fetch_add(1, std::memory_order_relaxed);
  return Turn(&found->second);
}

size_t PeerWaits::peers() const {
  const absl::MutexLock lock(&mutex_);
  return waiting_.size();
}

}  // namespace voxeld
