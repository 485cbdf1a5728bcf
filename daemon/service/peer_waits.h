// How many calls of each peer wait for a thread: a peer that floods the daemon fills its own share
// of the queues and is refused, and the calls of others still find room.
//
// Threading: every method from any thread; a lock is held for a look into a table.
// Memory:    an entry for each peer that was seen, and no heap calls for one that has an entry.
//            Beyond kKept entries those of peers that wait for nothing go.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace voxeld {

class PeerWaits {
 public:
  // A call in a queue: it waits until this ends, which must be before its PeerWaits does.
  class Turn {
   public:
    Turn(Turn&& other) noexcept : waiting_(std::exchange(other.waiting_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() { End(); }
    void End() {
      if (waiting_ != nullptr) waiting_->fetch_sub(1, std::memory_order_relaxed);
      waiting_ = nullptr;
    }

   private:
    friend class PeerWaits;
    explicit Turn(std::atomic<size_t>* waiting) : waiting_(waiting) {}
    std::atomic<size_t>* waiting_;  // null: ended
  };

  explicit PeerWaits(size_t most) : most_(most) {}

  // One more call of that peer waits; none if so many wait already that it is to be refused.
  std::optional<Turn> Enter(std::string_view peer);
  // How many may wait.
  size_t most() const { return most_; }
  size_t peers() const;  // that have an entry

 private:
  static constexpr size_t kKept = 256;

  const size_t most_;
  mutable absl::Mutex mutex_;
  // Counts go up under the lock only: one that is 0 there is nobody's.
  std::map<std::string, std::atomic<size_t>, std::less<>> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace voxeld
