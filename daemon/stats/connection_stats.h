// Connections by door.
//
// Threading: any thread, no lock; relaxed counts that nothing else depends on.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "daemon/stats/door.h"

namespace voxeld {

class ConnectionStats {
 public:
  void Opened(Door door) {
    Of(door).open.fetch_add(1, std::memory_order_relaxed);
    Of(door).accepted.fetch_add(1, std::memory_order_relaxed);
  }
  void Closed(Door door) { Of(door).open.fetch_sub(1, std::memory_order_relaxed); }
  // One whose end we do not see: gRPC closes its own.
  void HandedOn(Door door) { Of(door).accepted.fetch_add(1, std::memory_order_relaxed); }
  // Closed before it could ask for anything.
  void Refused() { refused_.fetch_add(1, std::memory_order_relaxed); }

  int64_t open(Door door) const { return Of(door).open.load(std::memory_order_relaxed); }
  int64_t accepted(Door door) const { return Of(door).accepted.load(std::memory_order_relaxed); }
  int64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  struct Counts {
    std::atomic<int64_t> open{0};
    std::atomic<int64_t> accepted{0};
  };
  Counts& Of(Door door) { return counts_[static_cast<size_t>(door)]; }
  const Counts& Of(Door door) const { return counts_[static_cast<size_t>(door)]; }

  std::array<Counts, kDoors> counts_;
  std::atomic<int64_t> refused_{0};
};

}  // namespace voxeld
