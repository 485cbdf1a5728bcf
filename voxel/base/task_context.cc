#include "voxel/base/task_context.h"

#include "voxel/base/error.h"
#include "voxel/base/slab_allocator.h"
#include "voxel/base/steady_time.h"
#include "voxel/base/str_cat.h"

namespace voxel {

absl::Status TaskContext::Check() const {
  if (cancel != nullptr && cancel->cancelled()) {
    return Error(Reason::CALL_CANCELLED, "the call was cancelled");
  }
  if (deadline != absl::InfiniteFuture() && SteadyNow() >= deadline) {
    return Error(Reason::DEADLINE_PASSED, "the deadline passed before the work was done");
  }
  if (const int64_t used = SlabUsedBytes(); used > max_total_bytes) {
    return Error(
        Reason::LIMIT_MEMORY,
        StrCat("the voxels of all projects, old revisions included, take ", used,
               " bytes; at most ", max_total_bytes, " are accepted: delete layers or projects"));
  }
  return absl::OkStatus();
}

absl::Status TaskContext::CheckMemory(int64_t new_bytes) const {
  if (new_bytes > max_new_bytes) {
    return Error(Reason::LIMIT_MEMORY,
                 StrCat("the work takes ", new_bytes, " bytes of memory so far; at most ",
                        max_new_bytes, " are accepted"));
  }
  return Check();
}

}  // namespace voxel
