// Frees documents off the threads that answer requests. The last holder of an old revision may be a
// reader on a poller or the project's writer; the bricks that only that revision held can be a
// gigabyte.
//
// Threading: Drop from any thread; it never frees. One pool task at a time does, and after some
//            documents it goes to the back of the queue, so that a heap of garbage does not keep
//            calls waiting.
#pragma once

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/runtime/worker_pool.h"
#include "voxel/base/ref_ptr.h"
#include "voxel/grid/document.h"

namespace voxeld {

class Reclaimer : public std::enable_shared_from_this<Reclaimer> {
 public:
  explicit Reclaimer(WorkerPool* pool) : pool_(pool) {}

  // Gives up `document` soon, on a pool thread; after Detach here and now.
  void Drop(voxel::RefPtr<const voxel::Document> document);
  // The pool is about to end: frees what waits, and from now on at once. To be called once, before
  // the pool goes.
  void Detach();
  size_t waiting() const;

 private:
  using Documents = std::vector<voxel::RefPtr<const voxel::Document>>;
  void FreeSome();
  // Null, and no task is posted any more, if there is no garbage.
  voxel::RefPtr<const voxel::Document> TakeOne();

  mutable absl::Mutex mu_;
  WorkerPool* pool_ ABSL_GUARDED_BY(mu_);  // null once detached
  Documents garbage_ ABSL_GUARDED_BY(mu_);
  bool task_posted_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace voxeld
