// Threads that run what must not run on a poller. Starts small, grows while tasks wait, shrinks
// when idle.
//
// Threading: every method may be called from any thread.
// Ownership: the destructor runs what is queued, then joins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "daemon/memory/memory_use.h"
#include "daemon/stats/latency_histogram.h"

namespace voxeld {

using Task = absl::AnyInvocable<void()>;

struct WorkerPoolOptions {
  int min_threads = 2;
  int max_threads = 16;
  size_t stack_bytes = 256 << 10;
  size_t max_queued = 4096;                           // tasks; who admits work refuses more
  absl::Duration grow_after = absl::Milliseconds(2);  // a task that waited so long adds a thread
  absl::Duration idle_exit = absl::Seconds(10);  // a thread above min_threads ends after so long
  // Called by a thread that stays although it had nothing to do for so long: once, until it runs a
  // task again. For what threads keep for themselves.
  std::function<void()> rested = {};
  std::vector<int> cpus = {};  // where they may run; none: everywhere
};

class WorkerPool {
 public:
  explicit WorkerPool(const WorkerPoolOptions& options);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Queues `task` whatever the queue's length: that is for whoever admits work to look at.
  void Post(Task task);

  size_t queued() const;
  size_t max_queued() const;
  MemoryUse::Bytes queue_bytes() const;  // allocated: empty or not; active: of tasks that wait
  int threads() const;
  int busy() const;  // of them: running a task
  // How long tasks waited before they ran.
  LatencyHistogram::Snapshot waits() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace voxeld
