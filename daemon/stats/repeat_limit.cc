#include "daemon/stats/repeat_limit.h"

#include <utility>

namespace voxeld {

std::optional<int64_t> RepeatLimit::Admit(uint64_t kind, absl::Time now) {
  absl::MutexLock lock(&mu_);
  Slot& slot = slots_[kind % slots_.size()];
  // A clock that was set back begins a new window, too.
  const bool over = now >= slot.begin + window_ || now < slot.begin;
  if (over || slot.kind != kind) {
    slot.kind = kind;
    slot.begin = now;
    slot.admitted = 0;
  }
  if (slot.admitted >= burst_) {
    ++slot.left_out;
    return std::nullopt;
  }
  ++slot.admitted;
  return std::exchange(slot.left_out, 0);
}

}  // namespace voxeld
