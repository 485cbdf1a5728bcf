// One epoll loop on one thread: readiness of file descriptors, tasks from other threads, timers.
//
// Rounds:    a round handles what epoll reported, then posted tasks, then due timers, then the
//            handlers that asked for the round's end. Connections write there: one write per
//            connection and round, whatever it was made of.
// Threading: Post, Stop and OnThread from any thread; everything else on the thread of Run, or
// before it.
// Ownership: the poller shares a handler while it is watched. A removed handler lives until the
//            round ends, so that events of the same round cannot meet a dead one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/net/unique_fd.h"

namespace voxeld {

class Poller {
 public:
  using Task = absl::AnyInvocable<void()>;
  using Clock = std::chrono::steady_clock;
  using TimerId = std::pair<Clock::time_point, uint64_t>;  // {}: none

  class Handler : public std::enable_shared_from_this<Handler> {
   public:
    virtual ~Handler() = default;
    // `events` as epoll reports them. Edge-triggered: read or write until EAGAIN, or ask for the
    // round's end to go on.
    virtual void OnReady(uint32_t events) = 0;
    virtual void OnRoundEnd() {}

   private:
    friend class Poller;
    bool watched_ = false;
    bool at_round_end_ = false;
  };

  // RESOURCE_EXHAUSTED if the system has no descriptors left.
  static absl::StatusOr<std::unique_ptr<Poller>> Create();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Watches `fd` for `events`, edge-triggered. The handler is told of what is ready already.
  absl::Status Watch(int fd, uint32_t events, std::shared_ptr<Handler> handler);
  // Changes what a watched descriptor waits for.
  void Change(int fd, uint32_t events, Handler* handler);
  // REQUIRES: before `fd` is closed or given away, or its number could be reused under our feet.
  void Remove(int fd, Handler* handler);
  // Calls handler.OnRoundEnd() once, at the end of this round; from within OnRoundEnd: of the next
  // one, at once.
  void AtRoundEnd(Handler& handler);

  // Runs `task` on the poller's thread, after what was posted before. Tasks still waiting when Run
  // returns are dropped.
  void Post(Task task);
  TimerId After(absl::Duration delay, Task task);
  void Cancel(TimerId& timer);  // nothing if it ran or was cancelled; clears the id

  // Until Stop.
  void Run();
  void Stop();
  bool OnThread() const {
    return std::this_thread::get_id() == thread_.load(std::memory_order_relaxed);
  }

 private:
  Poller(UniqueFd epoll, UniqueFd wakeup) : epoll_(std::move(epoll)), wakeup_(std::move(wakeup)) {}

  void WaitAndHandle();
  void RunPosted();
  void RunTimers();
  void RunRoundEnds();
  int WaitMillis() const;

  const UniqueFd epoll_;
  const UniqueFd wakeup_;  // an eventfd
  // Written by Run only; a stale read elsewhere can but differ from that other thread's own id.
  std::atomic<std::thread::id> thread_{};
  std::atomic<bool> stop_{false};

  // The poller's thread only.
  absl::flat_hash_map<Handler*, std::shared_ptr<Handler>> watched_;
  std::vector<std::shared_ptr<Handler>> retired_;  // removed in this round
  std::vector<std::shared_ptr<Handler>> round_end_;
  std::map<TimerId, Task> timers_;
  uint64_t next_timer_ = 1;

  absl::Mutex mu_;
  std::vector<Task> posted_ ABSL_GUARDED_BY(mu_);
};

}  // namespace voxeld
