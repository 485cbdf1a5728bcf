#include "daemon/runtime/slab_worker.h"

#include <pthread.h>

#include <utility>

#include "voxel/base/slab_allocator.h"

namespace voxeld {

SlabWorker::SlabWorker() : thread_([this] { Run(); }) {
  voxel::SlabSetHelper([this](void (*work)()) {
    absl::MutexLock lock(&mu_);
    work_ = work;
  });
}

SlabWorker::~SlabWorker() {
  voxel::SlabSetHelper(nullptr);
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

void SlabWorker::Run() {
  pthread_setname_np(pthread_self(), "voxeld-slabs");
  const auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return work_ != nullptr || stopping_;
  };
  for (;;) {
    void (*work)() = nullptr;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(&wanted));
      if (stopping_) return;
      work = std::exchange(work_, nullptr);
    }
    work();
  }
}

}  // namespace voxeld
