#include "daemon/runtime/worker_pool.h"

#include <limits.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/runtime/affinity.h"
#include "daemon/runtime/mpmc_queue.h"
#include "daemon/runtime/steady_cond_var.h"
#include "daemon/stats/steady_ns.h"
#include "voxel/base/check.h"
#include "voxel/base/steady_time.h"

namespace voxeld {
namespace {

constexpr size_t kPlaces = 1024;  // of 64 bytes

// Sanitizers blow up stack frames.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kStackFactor = 4;
#else
constexpr size_t kStackFactor = 1;
#endif

}  // namespace

// Tasks stand in a lock-free queue; more than it holds wait behind it, under the lock. Workers wait
// on worker_cv while there are none. The scout is one more thread that never runs tasks: it sleeps
// until tasks outnumber idle workers, then looks whether those that are there now are still there
// after grow_after, and adds a worker. Without it, a task behind two long ones would wait for them,
// as nobody is awake to notice.
//
// Waking: who posts counts the task, then looks whether anybody sleeps; who goes to sleep says so,
// then looks at the count. Both in one total order, so that one of them sees the other.
struct WorkerPool::Impl {
  struct Waiting {
    Task task;
    int64_t since_ns = 0;
  };

  explicit Impl(const WorkerPoolOptions& given) : options(given), queue(kPlaces) {
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

  int64_t queued() const {
    // In this order: what is popped was pushed before.
    const int64_t gone = popped.load();
    return pushed.load() - gone;
  }

  void Push(Task& task) {
    Waiting waiting{std::move(task), SteadyNs()};
    if (overflowing.load(std::memory_order_relaxed) || !queue.TryPush(waiting)) {
      absl::MutexLock lock(&mu);
      overflow.push_back(std::move(waiting));
      most_beyond = std::max(most_beyond, overflow.size());
      overflowing.store(true, std::memory_order_relaxed);
    }
    pushed.fetch_add(1);
    const int sleepers = idle.load();
    const bool scout_needed = scout_sleeps.load() && queued() > sleepers;
    if (sleepers == 0 && !scout_needed) return;
    absl::MutexLock lock(&mu);
    if (sleepers > 0) worker_cv.Signal();
    if (scout_needed && threads < options.max_threads) scout_cv.Signal();
  }

  bool Pop(Task& task) {
    Waiting waiting;
    if (!queue.TryPop(waiting) && !PopOverflow(waiting)) return false;
    popped.fetch_add(1);
    waits.Record(SteadyNs() - waiting.since_ns);
    task = std::move(waiting.task);
    return true;
  }

  bool PopOverflow(Waiting& waiting) {
    if (!overflowing.load(std::memory_order_relaxed)) return false;
    absl::MutexLock lock(&mu);
    if (overflow.empty()) return false;
    waiting = std::move(overflow.front());
    overflow.pop_front();
    overflowing.store(!overflow.empty(), std::memory_order_relaxed);
    return true;
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

  // True: for so long.
  bool WaitFor(SteadyCondVar& cv, absl::Duration time) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    return cv.WaitUntil(&mu, voxel::SteadyNow() + time);
  }

  void Scout() {
    absl::MutexLock lock(&mu);
    while (!stopping) {
      scout_sleeps.store(true);
      if (queued() <= idle.load() || threads >= options.max_threads) {
        scout_cv.Wait(&mu);
        scout_sleeps.store(false);
        continue;
      }
      scout_sleeps.store(false);
      const int64_t there = pushed.load();
      if (!WaitFor(scout_cv, options.grow_after) && stopping) return;
      // The oldest of them has waited for so long if any has not begun.
      if (popped.load() < there && threads < options.max_threads) AddWorker();
    }
  }

  void Work() {
    bool rested = false;  // and said so
    for (;;) {
      Task task;
      if (Pop(task)) {
        std::move(task)();
        rested = false;
        continue;
      }
      if (queued() > 0) {
        std::this_thread::yield();  // somebody is between taking a place and filling it
        continue;
      }
      const Waited waited = WaitForTask();
      if (waited == Waited::kToTheEnd) return;
      if (waited == Waited::kInVain && !std::exchange(rested, true) && options.rested) {
        options.rested();
      }
    }
  }

  enum class Waited : uint8_t {
    kForTask,   // there may be one
    kInVain,    // for idle_exit, and the thread stays
    kToTheEnd,  // the thread has ended: the pool does, or it has been idle for too long
  };
  Waited WaitForTask() {
    absl::MutexLock lock(&mu);
    idle.fetch_add(1);
    bool timed_out = false;
    while (queued() <= 0 && !stopping && !timed_out) {
      timed_out = WaitFor(worker_cv, options.idle_exit);
    }
    idle.fetch_sub(1);
    if (queued() > 0 || (!stopping && !timed_out)) return Waited::kForTask;
    if (!stopping && threads <= options.min_threads) return Waited::kInVain;
    --threads;
    ended.push_back(pthread_self());
    ended_cv.Signal();
    return Waited::kToTheEnd;
  }

  WorkerPoolOptions options;  // constant after construction
  pthread_t scout;
  LatencyHistogram waits;

  MpmcQueue<Waiting> queue;
  // Tasks so far; see Waking above.
  std::atomic<int64_t> pushed{0};
  std::atomic<int64_t> popped{0};
  std::atomic<int> idle{0};               // workers that wait; changed with mu held
  std::atomic<bool> scout_sleeps{false};  // changed with mu held
  std::atomic<bool> overflowing{false};   // a hint: there is something in `overflow`

  mutable absl::Mutex mu;
  SteadyCondVar worker_cv;
  SteadyCondVar scout_cv;
  absl::CondVar ended_cv;
  std::deque<Waiting> overflow ABSL_GUARDED_BY(mu);
  size_t most_beyond ABSL_GUARDED_BY(mu) = 0;        // that `overflow` ever held
  std::vector<pthread_t> ended ABSL_GUARDED_BY(mu);  // have left Work and wait to be joined
  int threads ABSL_GUARDED_BY(mu) = 0;
  bool stopping ABSL_GUARDED_BY(mu) = false;
};

WorkerPool::WorkerPool(const WorkerPoolOptions& options) : impl_(std::make_unique<Impl>(options)) {}
WorkerPool::~WorkerPool() = default;

void WorkerPool::Post(Task task) { impl_->Push(task); }

size_t WorkerPool::queued() const {
  return static_cast<size_t>(std::max<int64_t>(0, impl_->queued()));
}

size_t WorkerPool::max_queued() const { return impl_->options.max_queued; }

MemoryUse::Bytes WorkerPool::queue_bytes() const {
  constexpr size_t kPlaceBytes = MpmcQueue<Impl::Waiting>::kPlaceBytes;
  const size_t places = impl_->queue.capacity();
  absl::MutexLock lock(&impl_->mu);
  const size_t beyond = impl_->overflow.size();
  const size_t queued = static_cast<size_t>(std::max<int64_t>(0, impl_->queued()));
  const size_t in_places = std::min(places, queued - std::min(queued, beyond));
  const auto bytes = [&](size_t taken, size_t more) {
    return static_cast<int64_t>(taken * kPlaceBytes + more * sizeof(Impl::Waiting));
  };
  return {.allocated = bytes(places, beyond),
          .active = bytes(in_places, beyond),
          .peak = bytes(places, impl_->most_beyond)};
}

int WorkerPool::threads() const {
  absl::MutexLock lock(&impl_->mu);
  return impl_->threads;
}

int WorkerPool::busy() const {
  absl::MutexLock lock(&impl_->mu);
  return impl_->threads - impl_->idle;
}

LatencyHistogram::Snapshot WorkerPool::waits() const { return impl_->waits.Read(); }

}  // namespace voxeld
