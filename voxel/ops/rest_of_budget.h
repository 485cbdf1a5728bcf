// The context for a part of some work, while the work holds memory already: of the budget for new
// bytes, what is left.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "voxel/base/error.h"
#include "voxel/base/task_context.h"

namespace voxel {

class RestOfBudget {
 public:
  // `whole` must outlive this.
  RestOfBudget(const TaskContext& whole, int64_t held_bytes) : whole_(whole), rest_(whole) {
    rest_.max_new_bytes = std::max<int64_t>(whole.max_new_bytes - held_bytes, 0);
  }

  const TaskContext& context() const { return rest_; }
  // The part's status as one of the whole: the budget it names is the caller's.
  absl::Status OfWhole(absl::Status status) const {
    if (ReasonOf(status) != "LIMIT_MEMORY") return status;
    absl::Status whole = whole_.Check();  // by what all volumes take
    return whole.ok() ? whole_.CheckMemory(whole_.max_new_bytes + 1) : whole;
  }

 private:
  const TaskContext& whole_;
  TaskContext rest_;
};

}  // namespace voxel
