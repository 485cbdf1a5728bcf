// The thread that something happens on, asked to do what comes next by itself, even if that blocks:
// so that nothing has to be handed to another thread, which would have to be woken first.
//
// Threading: any thread.
#pragma once

#include "daemon/runtime/worker_pool.h"

namespace voxeld {

class Nearby {
 public:
  virtual ~Nearby() = default;

  // True: `task` was taken, and runs on this very thread as soon as it is done with what it does
  // now. False, and the task untouched: this thread cannot be spared.
  [[nodiscard]] virtual bool TryRunHere(Task& task) = 0;
};

}  // namespace voxeld
