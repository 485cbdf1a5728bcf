#include "daemon/runtime/worker_pool.h"

#include <limits.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/runtime/affinity.h"
#include "voxel/base/check.h"

namespace voxeld {
namespace {

// Sanitizers blow up stack frames.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kStackFactor = 4;
#else
constexpr size_t kStackFactor = 1;
#endif

absl::Duration MonotonicNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

// Workers wait on worker_cv while the queue is empty. The scout is one more thread that never runs
// tasks: it sleeps until tasks outnumber idle workers, then waits for the oldest to reach
// grow_after and adds a worker. Without it, a task behind two long ones would wait for them, as
// nobody is awake to notice.
struct WorkerPool::Impl {
  struct Queued {
    Task task;
    absl::Duration since;
  };

  explicit Impl(const WorkerPoolOptions& given) : options(given) {
    options.min_threads = std::max(1, options.min_threads);
    options.max_threads = std::max(options.min_threads, options.max_threads);
    absl::MutexLock lock(&mu);
    for (int i = 0; i < options.min_threads; ++i) VOXEL_CHECK(AddWorker());
    VOXEL_CHECK(Start(&RunScout, &scout));
  }

  ~Impl() {
    {
      absl::MutexLock lock(&mu);
      stopping = true;
      worker_cv.SignalAll();
      scout_cv.Signal();
    }
    pthread_join(scout, nullptr);
    absl::MutexLock lock(&mu);
    while (threads > 0 || !ended.empty()) {
      while (ended.empty()) ended_cv.Wait(&mu);
      JoinEnded();
    }
  }

  bool Start(void* (*body)(void*), pthread_t* thread) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    const size_t least = static_cast<size_t>(PTHREAD_STACK_MIN);
    pthread_attr_setstacksize(&attributes, std::max(least, options.stack_bytes * kStackFactor));
    if (!options.cpus.empty()) {
      const cpu_set_t cpus = CpuSet(options.cpus);
      pthread_attr_setaffinity_np(&attributes, sizeof cpus, &cpus);
    }
    const int error = pthread_create(thread, &attributes, body, this);
    pthread_attr_destroy(&attributes);
    return error == 0;
  }

  bool AddWorker() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    JoinEnded();
    pthread_t thread;
    if (!Start(&RunWorker, &thread))
      return false;  // the machine is short of threads: go on with what we have
    ++threads;
    return true;
  }

  void JoinEnded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    for (const pthread_t thread : std::exchange(ended, {})) pthread_join(thread, nullptr);
  }

  void Push(Task& task) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    queue.push_back({std::move(task), MonotonicNow()});
    if (idle > 0) worker_cv.Signal();
    const bool short_of_workers = queue.size() > static_cast<size_t>(idle);
    if (short_of_workers && threads < options.max_threads && scout_sleeps) scout_cv.Signal();
  }

  static void* RunScout(void* self) {
    static_cast<Impl*>(self)->Scout();
    return nullptr;
  }
  static void* RunWorker(void* self) {
    pthread_setname_np(pthread_self(), "voxeld-worker");
    static_cast<Impl*>(self)->Work();
    return nullptr;
  }

  void Scout() {
    absl::MutexLock lock(&mu);
    while (!stopping) {
      if (queue.empty() || threads >= options.max_threads) {
        scout_sleeps = true;
        scout_cv.Wait(&mu);
        scout_sleeps = false;
        continue;
      }
      const absl::Duration left = queue.front().since + options.grow_after - MonotonicNow();
      if (left > absl::ZeroDuration()) {
        scout_cv.WaitWithTimeout(&mu, left);
        continue;
      }
      AddWorker();
      scout_cv.WaitWithTimeout(&mu, options.grow_after);  // time for the new one to show its worth
    }
  }

  void Work() {
    absl::MutexLock lock(&mu);
    while (true) {
      if (!queue.empty()) {
        Task task = std::move(queue.front().task);
        queue.pop_front();
        mu.Unlock();
        std::move(task)();
        task = nullptr;  // what it holds ends outside the lock
        mu.Lock();
      } else if (stopping || !WaitForTask()) {
        break;
      }
    }
    --threads;
    ended.push_back(pthread_self());
    ended_cv.Signal();
  }

  // False if this thread has been idle for so long that it should end.
  bool WaitForTask() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    ++idle;
    const bool timed_out = worker_cv.WaitWithTimeout(&mu, options.idle_exit);
    --idle;
    return !timed_out || !queue.empty() || threads <= options.min_threads;
  }

  WorkerPoolOptions options;  // constant after construction
  pthread_t scout;

  mutable absl::Mutex mu;
  absl::CondVar worker_cv;
  absl::CondVar scout_cv;
  absl::CondVar ended_cv;
  std::deque<Queued> queue ABSL_GUARDED_BY(mu);
  std::vector<pthread_t> ended ABSL_GUARDED_BY(mu);  // have left Work and wait to be joined
  int threads ABSL_GUARDED_BY(mu) = 0;
  int idle ABSL_GUARDED_BY(mu) = 0;
  bool scout_sleeps ABSL_GUARDED_BY(mu) = false;
  bool stopping ABSL_GUARDED_BY(mu) = false;
};

WorkerPool::WorkerPool(const WorkerPoolOptions& options) : impl_(std::make_unique<Impl>(options)) {}
WorkerPool::~WorkerPool() = default;

bool WorkerPool::TryPost(Task& task) {
  absl::MutexLock lock(&impl_->mu);
  if (impl_->queue.size() >= impl_->options.max_queued) return false;
  impl_->Push(task);
  return true;
}

void WorkerPool::Post(Task task) {
  absl::MutexLock lock(&impl_->mu);
  impl_->Push(task);
}

size_t WorkerPool::queued() const {
  absl::MutexLock lock(&impl_->mu);
  return impl_->queue.size();
}

int WorkerPool::threads() const {
  absl::MutexLock lock(&impl_->mu);
  return impl_->threads;
}

}  // namespace voxeld
