// Runs the rows of a picture over a call's threads, stopping early when the caller no longer wants it.
//
// Threading: Run on one thread at a time. Progress is reported from that thread only.
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "voxel/base/task_context.h"

namespace voxel {

class RowRunner {
 public:
  // `total_rows` is what all calls of Run together will do: the whole of the progress.
  RowRunner(const TaskContext& context, int64_t total_rows)
      : context_(context), total_rows_(total_rows) {}

  // Calls paint(row) for each row in [0, rows), in any order, on several threads.
  // CALL_CANCELLED, DEADLINE_PASSED: some rows were not painted.
  absl::Status Run(int rows, absl::FunctionRef<void(int row)> paint);

 private:
  const TaskContext& context_;
  const int64_t total_rows_;
  int64_t done_rows_ = 0;  // by finished calls
};

}  // namespace voxel
