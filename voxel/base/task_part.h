// A part of a long task, whose progress is a share of that of the whole.
//
// Threading: as TaskContext.
#pragma once

#include "voxel/base/task_context.h"

namespace voxel {

// `whole`, but with progress from 0 to 1 told as that of `whole` from `begin` to `end`. What goes
// over its work more than once is told the first time only, so that progress never falls. `whole`
// must outlive the result.
inline TaskContext PartTask(const TaskContext& whole, double begin, double end) {
  TaskContext part = whole;
  if (whole.progress) {
    part.progress = [&whole, begin, end, most = 0.0](double fraction) mutable {
      if (fraction <= most) return;
      most = fraction;
      whole.progress(begin + fraction * (end - begin));
    };
  }
  return part;
}

// Tells a context how many of equal pieces of work are done, each hundredth once, and the last one.
class PieceCounter {
 public:
  // `total` is of no meaning where nobody is told.
  PieceCounter(const TaskContext& context, int64_t total) : context_(context), total_(total) {}

  void Add(int64_t pieces) {
    done_ += pieces;
    if (!context_.progress || (done_ * kSteps < told_ + total_ && done_ != total_)) return;
    told_ = done_ * kSteps;
    context_.progress(static_cast<double>(done_) / static_cast<double>(total_));
  }

 private:
  static constexpr int64_t kSteps = 100;

  const TaskContext& context_;
  const int64_t total_;
  int64_t done_ = 0;
  int64_t told_ = 0;  // as many times kSteps
};

}  // namespace voxel
