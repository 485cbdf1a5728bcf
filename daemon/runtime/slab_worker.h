// A thread that makes memory ready for voxels before it is wanted, while this lives: see
// SlabSetHelper. Of its own, as there is most to do while all workers are busy.
//
// Threading: one at a time in a process.
#pragma once

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace voxeld {

class SlabWorker {
 public:
  SlabWorker();
  ~SlabWorker();
  SlabWorker(const SlabWorker&) = delete;
  SlabWorker& operator=(const SlabWorker&) = delete;

 private:
  void Run();

  absl::Mutex mu_;
  void (*work_)() ABSL_GUARDED_BY(mu_) = nullptr;  // null: there is none
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace voxeld
