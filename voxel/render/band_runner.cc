#include "voxel/render/band_runner.h"

#include <atomic>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "voxel/base/parallel_for.h"

namespace voxel {
namespace {

// The first error that any thread met.
class FirstError {
 public:
  bool set() const {
    return set_.load(std::memory_order_relaxed);
  }  // a hint to stop; Get has the lock
  void Set(absl::Status status) {
    absl::MutexLock lock(&mu_);
    if (status_.ok()) status_ = std::move(status);
    set_.store(true, std::memory_order_relaxed);
  }
  absl::Status Get() {
    absl::MutexLock lock(&mu_);
    return status_;
  }

 private:
  std::atomic<bool> set_{false};
  absl::Mutex mu_;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

absl::Status BandRunner::Run(int bands, absl::FunctionRef<void(int band)> paint) {
  FirstError error;
  std::atomic<int64_t> done{0};  // relaxed: only for progress
  const std::thread::id caller = std::this_thread::get_id();
  ParallelFor(context_.threads, bands, [&](int band) {
    if (error.set()) return;
    if (absl::Status status = context_.Check(); !status.ok()) {
      error.Set(std::move(status));
      return;
    }
    paint(band);
    const int64_t finished = done_bands_ + done.fetch_add(1, std::memory_order_relaxed) + 1;
    if (context_.progress && std::this_thread::get_id() == caller) {
      context_.progress(double(finished) / double(total_bands_));
    }
  });
  done_bands_ += bands;
  return error.Get();
}

}  // namespace voxel
