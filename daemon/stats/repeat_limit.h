// Lets a few of many alike events through, and counts the rest: what keeps a log readable while
// something goes wrong a thousand times a second.
//
// Memory:    fixed. When many kinds of events come at once, an old kind's count is given to whoever
//            takes its place.
// Threading: any thread; a lock for a few instructions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace voxeld {

class RepeatLimit {
 public:
  // At most `burst` events of a kind in each `window`.
  RepeatLimit(int burst, absl::Duration window) : burst_(burst), window_(window) {}

  // None: leave this one out. Otherwise how many of its kind were left out since the last that came
  // through. `kind` is a hash of what makes events alike.
  std::optional<int64_t> Admit(uint64_t kind, absl::Time now) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Slot {
    uint64_t kind = 0;
    absl::Time begin = absl::InfinitePast();
    int admitted = 0;
    int64_t left_out = 0;
  };

  const int burst_;
  const absl::Duration window_;
  absl::Mutex mu_;
  std::array<Slot, 64> slots_ ABSL_GUARDED_BY(mu_);
};

}  // namespace voxeld
