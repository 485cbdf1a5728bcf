#include "daemon/store/memory_pressure.h"

#include <utility>

#include "voxel/base/slab_allocator.h"

namespace voxeld {

MemoryPressure::MemoryPressure(int64_t limit_bytes, absl::AnyInvocable<void()> relieve)
    : limit_bytes_(limit_bytes), relieve_(std::move(relieve)) {}

void MemoryPressure::Check() {
  if (voxel::SlabUsedBytes() <= limit_bytes_ || asked_.exchange(true)) return;
  absl::MutexLock lock(&mu_);
  if (relieve_) relieve_();
}

void MemoryPressure::Detach() {
  absl::MutexLock lock(&mu_);
  relieve_ = nullptr;
}

}  // namespace voxeld
