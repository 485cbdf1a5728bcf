#include "voxel/base/task_context.h"

#include "absl/time/clock.h"
#include "voxel/base/error.h"

namespace voxel {

absl::Status TaskContext::Check() const {
  if (cancel != nullptr && cancel->cancelled()) {
    return Error(Reason::CALL_CANCELLED, "the call was cancelled");
  }
  if (deadline != absl::InfiniteFuture() && absl::Now() >= deadline) {
    return Error(Reason::DEADLINE_PASSED, "the deadline passed before the work was done");
  }
  return absl::OkStatus();
}

}  // namespace voxel
