// Decides where a task runs, as its caller chose: on this thread, which is the default, on any
// worker, or in its turn on a strand.
//
// Threading: every method from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "daemon/runtime/strand.h"
#include "daemon/runtime/worker_pool.h"

namespace voxeld {

class Executor {
 public:
  struct Place {
    enum Where : uint8_t { kHere, kWorker, kStrand };
    Where where = kHere;
    Strand* strand = nullptr;  // of kStrand; lives until the call returns
  };
  static Place Here() { return {}; }
  static Place AnyWorker() { return {Place::kWorker, nullptr}; }
  static Place On(Strand& strand) { return {Place::kStrand, &strand}; }

  // The pool must outlive it. On a strand at most `max_strand_queue` tasks should wait; for workers
  // the pool says how many.
  Executor(WorkerPool* pool, size_t max_strand_queue)
      : pool_(pool), max_strand_queue_(max_strand_queue) {}

  // Runs `task` before it returns, where that can be: here, or on a strand on which nothing runs or
  // waits. Else false, and nothing is done.
  bool TryRunNow(const Place& place, absl::FunctionRef<void()> task) const;
  // How many tasks wait there, if one more is to be refused.
  std::optional<size_t> Full(const Place& place) const;
  // Runs `task` there, however many wait: now if that is here, else later.
  void Run(const Place& place, Task task) const;

 private:
  WorkerPool* const pool_;
  const size_t max_strand_queue_;
};

}  // namespace voxeld
