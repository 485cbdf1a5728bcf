// Frees old revisions off the threads that answer requests. The last holder of one may be a reader
// on a poller or the project's writer; the bricks that only that revision held can be a gigabyte.
//
// Threading: everything from any thread. One pool task at a time frees, and after some documents it
//            goes to the back of the queue, so that a heap of garbage does not keep calls waiting.
// Bound:     where workers are too busy for it, who retires small revisions frees as many of those
//            that wait, so that memory does not grow with the load.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/runtime/rcu.h"
#include "daemon/runtime/worker_pool.h"
#include "daemon/store/revision.h"

namespace voxeld {

class Reclaimer : public std::enable_shared_from_this<Reclaimer> {
 public:
  explicit Reclaimer(WorkerPool* pool);
  ~Reclaimer();

  // Gives up `document` soon; after Detach here and now.
  void Drop(voxel::RefPtr<const voxel::Document> document);
  // Gives up a revision that is no longer retained, after a grace period of RCU: a reader may have
  // found it as the head and not counted its reference yet. Small ones wait for company, since a
  // grace period and waking a worker cost more than freeing them: at most kBatch - 1 of them, and
  // together less than 1 MiB. `bytes`: what the caller believes will be freed.
  void DropLater(RevisionPtr revision, int64_t bytes);
  // Those that wait for company wait no longer.
  void Flush();
  // The pool is about to end: frees what waits, and from now on at once.
  void Detach();
  size_t waiting() const;

 private:
  struct Garbage {
    RevisionPtr revision;  // one of the two
    voxel::RefPtr<const voxel::Document> document;
  };
  // Revisions that wait for a grace period together.
  static constexpr size_t kBatch = 64;
  struct Batch {
    std::array<RevisionPtr, kBatch> revisions;
    size_t count = 0;
    int64_t bytes = 0;
    std::shared_ptr<Reclaimer> owner;  // while it waits
    RcuNode node;
  };
  std::unique_ptr<Batch> TakeBatch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Retire(std::unique_ptr<Batch> batch);
  void GracePeriodOver(std::unique_ptr<Batch> batch);
  void PostTask() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void FreeSome();
  // Frees small ones on this thread while more of them wait than should.
  void FreeExcess();
  // False, and no task is posted any more, if there is no garbage.
  bool TakeOne(Garbage& garbage);
  // Null if no more wait than should.
  RevisionPtr TakeExcess();

  mutable absl::Mutex mu_;
  WorkerPool* pool_ ABSL_GUARDED_BY(mu_);  // null once detached
  std::vector<Garbage> garbage_ ABSL_GUARDED_BY(mu_);
  static constexpr size_t kMostSmall = 4096;             // before who retires helps
  std::vector<RevisionPtr> small_ ABSL_GUARDED_BY(mu_);  // those of full batches
  std::unique_ptr<Batch> filling_ ABSL_GUARDED_BY(mu_);
  static constexpr size_t kMostSpare = 256;  // of batches; as many revisions as are recycled
  std::vector<std::unique_ptr<Batch>> spare_ ABSL_GUARDED_BY(mu_);
  bool task_posted_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace voxeld
