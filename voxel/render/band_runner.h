// Runs the bands of a picture (a few rows each) over a call's threads, stopping early when the
// caller no longer wants it.
//
// Threading: Run on one thread at a time. Progress is reported from that thread only.
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "voxel/base/task_context.h"

namespace voxel {

class BandRunner {
 public:
  // `total_bands` is what all calls of Run together will do: the whole of the progress.
  BandRunner(const TaskContext& context, int64_t total_bands)
      : context_(context), total_bands_(total_bands) {}

  // Calls paint(band) for each band in [0, bands), in any order, on several threads.
  // CALL_CANCELLED, DEADLINE_PASSED: some bands were not painted.
  absl::Status Run(int bands, absl::FunctionRef<void(int band)> paint);

  const TaskContext& context() const { return context_; }

 private:
  const TaskContext& context_;
  const int64_t total_bands_;
  int64_t done_bands_ = 0;  // by finished calls
};

}  // namespace voxel
