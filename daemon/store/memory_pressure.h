// Says when the voxels of all projects together take more memory than wanted, so that idle projects
// can be given up.
//
// Threading: any thread. Check is two loads while all is well.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace voxeld {

class MemoryPressure {
 public:
  // `relieve` is called once there are more than `limit_bytes`, and not again before Relieved.
  MemoryPressure(int64_t limit_bytes, absl::AnyInvocable<void()> relieve);

  void Check();
  void Relieved() { asked_.store(false); }
  // From now on nobody is called.
  void Detach();

  int64_t limit_bytes() const { return limit_bytes_; }

 private:
  const int64_t limit_bytes_;
  std::atomic<bool> asked_{false};
  absl::Mutex mu_;
  absl::AnyInvocable<void()> relieve_ ABSL_GUARDED_BY(mu_);
};

}  // namespace voxeld
