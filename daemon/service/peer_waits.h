// How much of each peer waits, calls for a thread or answers to be read: a peer that floods the
// daemon fills its own share and is refused, and others still find room.
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
  // What waits, until this ends, which must be before its PeerWaits does.
  class Turn {
   public:
    Turn(Turn&& other) noexcept
        : waiting_(std::exchange(other.waiting_, nullptr)), amount_(other.amount_) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() { End(); }
    void End() {
      if (waiting_ != nullptr) waiting_->fetch_sub(amount_, std::memory_order_relaxed);
      waiting_ = nullptr;
    }

   private:
    friend class PeerWaits;
    Turn(std::atomic<size_t>* waiting, size_t amount) : waiting_(waiting), amount_(amount) {}
    std::atomic<size_t>* waiting_;  // null: ended
    size_t amount_;
  };

  explicit PeerWaits(size_t most) : most_(most) {}

  // So much more of that peer waits; none if it is to be refused, for it would be too much. Of a
  // peer of which nothing waits anything may.
  std::optional<Turn> Enter(std::string_view peer, size_t amount = 1);
  // The same, whatever waits already.
  Turn EnterAnyway(std::string_view peer, size_t amount);
  // How much may wait.
  size_t most() const { return most_; }
  size_t peers() const;  // that have an entry

 private:
  static constexpr size_t kKept = 256;

  std::atomic<size_t>& Of(std::string_view peer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t most_;
  mutable absl::Mutex mutex_;
  // Counts go up under the lock only: one that is 0 there is nobody's.
  std::map<std::string, std::atomic<size_t>, std::less<>> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace voxeld
