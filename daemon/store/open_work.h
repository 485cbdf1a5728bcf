// Counts what is on its way between projects and their store, so that the registry can end after
// all of it has.
//
// Threading: any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace voxeld {

class OpenWork {
 public:
  void Begin() { open_.fetch_add(1); }
  void End();
  // Returns once every Begin was followed by its End. Called once.
  void Wait();

 private:
  // Sequentially consistent: either Wait sees the last End, or that End sees the waiter.
  std::atomic<int64_t> open_{0};
  std::atomic<bool> waited_for_{false};
  absl::Mutex mu_;
  absl::CondVar ended_;
};

}  // namespace voxeld
