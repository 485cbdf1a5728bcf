// One event loop, on one thread at a time: readiness of file descriptors, tasks from other threads,
// timers. What it hears comes from epoll or from io_uring (daemon/io/event_source.h).
//
// Rounds:    a round handles what epoll reported, then posted tasks, then due timers, then the
//            handlers that asked for the round's end. A connection answers what its event brought
//            in one write before the next event is handled; what came up elsewhere, and what is
//            answered together with others', at the round's end.
// Stand-in:  a task that blocks may be run here by the thread that polls (TryRunHere). Meanwhile a
//            second thread waits for whatever the poller waits for, and takes its part as soon as
//            there is something to do. If nothing is, the first one goes on as if it had not been
//            away, and no thread had to be woken: that is what one lone client sees. With io_uring
//            there is none, as only one thread may wait for its events: no task is taken.
// Threading: Post, Stop, OnThread and TryRunHere from any thread; everything else on the thread
//            that polls, or before Run.
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
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/io/event_source.h"
#include "daemon/io/unique_fd.h"
#include "daemon/runtime/nearby.h"

namespace voxeld {

// Where a poller hears what happens.
enum class Io : uint8_t { kEpoll, kUring };

class Poller final : public Nearby {
 public:
  using Task = voxeld::Task;
  using Clock = std::chrono::steady_clock;
  using TimerId = std::pair<Clock::time_point, uint64_t>;  // {}: none

  class Handler : public std::enable_shared_from_this<Handler> {
   public:
    virtual ~Handler() = default;
    // `events` as epoll reports them. Edge-triggered: read, write or Receive until EAGAIN, or ask
    // for the round's end to go on.
    virtual void OnReady(uint32_t events) = 0;
    virtual void OnRoundEnd() {}

   private:
    friend class Poller;
    bool at_round_end_ = false;
  };

  // RESOURCE_EXHAUSTED if the system has no descriptors left; with io_uring also UNAVAILABLE, if it
  // is not to be had here, and the thread that calls this is the one that may call Run.
  static absl::StatusOr<std::unique_ptr<Poller>> Create(Io io = Io::kEpoll);
  ~Poller() override;
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Watches `fd` for `events`, edge-triggered. The handler is told of what is ready already.
  absl::Status Watch(int fd, uint32_t events, std::shared_ptr<Handler> handler,
                     FdUse use = FdUse::kWait);
  // Whether the handler hears when a watched socket takes more output.
  void AwaitRoom(int fd, bool wanted) { source_->AwaitRoom(fd, wanted); }
  // Nothing if it is not watched. REQUIRES: before `fd` is closed or given away, or its number
  // could be reused under our feet.
  void Remove(int fd);
  // What a socket watched for FdUse::kReceive has got.
  EventSource::Received Receive(int fd) { return source_->Receive(fd); }
  // Calls handler.OnRoundEnd() once, at the end of this round; from within OnRoundEnd: of the next
  // one, at once.
  void AtRoundEnd(Handler& handler);

  // Runs `task` on the poller's thread, after what was posted before. Tasks still waiting when Run
  // returns are dropped.
  void Post(Task task);
  TimerId After(absl::Duration delay, Task task);
  void Cancel(TimerId& timer);  // nothing if it ran or was cancelled; clears the id

  // On the thread that polls, after the round, and one at a time. What the task posts runs once it
  // has ended.
  bool TryRunHere(Task& task) override;

  // Until Stop; what was taken by TryRunHere has run then.
  void Run();
  void Stop();
  // Whether this is the thread that polls.
  bool OnThread() const {
    return std::this_thread::get_id() == thread_.load(std::memory_order_relaxed);
  }

 private:
  // The descriptors of a poller, besides its source's.
  struct Fds {
    UniqueFd wakeup;  // an eventfd, in the source
    // What the stand-in waits for: an epoll of the source's, which is let in while the other
    // thread is away, `alarm` (a timerfd) for the poller's timers, and `end` (an eventfd).
    UniqueFd gate, alarm, end;
  };
  // What is watched at one descriptor.
  struct Watched {
    std::shared_ptr<Handler> handler;  // null: nothing
    uint32_t turn = 0;  // of the descriptor's number; events of earlier ones are dropped
  };
  Poller(Fds fds, std::unique_ptr<EventSource> source)
      : fds_(std::move(fds)), source_(std::move(source)) {}

  void Serve();
  void PollRounds();
  bool StepAside();
  bool AwaitPart();
  void SetAlarm(Clock::time_point due);
  void SetGate(uint32_t events);
  void FinishRound();
  void WaitAndHandle();
  void RunPosted();
  void RunTimers();
  void RunRoundEnds();
  int WaitMillis() const;

  const Fds fds_;
  const std::unique_ptr<EventSource> source_;
  // Written by the thread it names only; a stale read elsewhere can but differ from that other
  // thread's own id.
  std::atomic<std::thread::id> thread_{};
  std::atomic<bool> stop_{false};
  // A task waits for the round's end, or runs. Set by the thread that polls, cleared by the one
  // that ran it: release, so that the next one finds the gate as it was left.
  std::atomic<bool> aside_taken_{false};
  // The thread that runs such a task: what it posts needs no wake-up before it is back.
  std::atomic<std::thread::id> away_{};

  absl::Mutex part_mu_;
  bool part_free_ ABSL_GUARDED_BY(part_mu_) = false;  // nobody polls

  // The thread that polls only; part_mu_ hands them on.
  Task aside_;
  std::thread stand_in_;
  std::vector<Watched> watched_;                   // by descriptor
  std::vector<std::shared_ptr<Handler>> retired_;  // removed in this round
  std::vector<std::shared_ptr<Handler>> round_end_;
  std::map<TimerId, Task> timers_;
  std::map<TimerId, Task>::node_type spare_timer_;  // of the last that ran or was cancelled
  uint64_t next_timer_ = 1;
  Clock::time_point alarm_due_;  // what the alarm was last set to

  absl::Mutex mu_;
  std::vector<Task> posted_ ABSL_GUARDED_BY(mu_);
  bool woken_ ABSL_GUARDED_BY(mu_) = false;  // the eventfd was written for them
};

}  // namespace voxeld
