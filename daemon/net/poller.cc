#include "daemon/net/poller.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <climits>
#include <system_error>

#include "voxel/base/check.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

absl::StatusOr<std::unique_ptr<Poller>> Poller::Create() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  UniqueFd wakeup(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event event{EPOLLIN,
                    {.ptr = nullptr}};  // level-triggered: reading it is how the signal is taken
  if (!epoll.ok() || !wakeup.ok() ||
      epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wakeup.get(), &event) != 0) {
    return absl::ResourceExhaustedError(
        voxel::StrCat("epoll: ", std::generic_category().message(errno)));
  }
  return std::unique_ptr<Poller>(new Poller(std::move(epoll), std::move(wakeup)));
}

Poller::~Poller() = default;

absl::Status Poller::Watch(int fd, uint32_t events, std::shared_ptr<Handler> handler) {
  epoll_event event{events | EPOLLET, {.ptr = handler.get()}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return absl::ResourceExhaustedError(
        voxel::StrCat("epoll_ctl: ", std::generic_category().message(errno)));
  }
  handler->watched_ = true;
  Handler* key = handler.get();
  watched_[key] = std::move(handler);
  return absl::OkStatus();
}

void Poller::Change(int fd, uint32_t events, Handler* handler) {
  epoll_event event{events | EPOLLET, {.ptr = handler}};
  VOXEL_CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void Poller::Remove(int fd, Handler* handler) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  handler->watched_ = false;
  auto it = watched_.find(handler);
  if (it == watched_.end()) return;
  retired_.push_back(std::move(it->second));
  watched_.erase(it);
}

void Poller::AtRoundEnd(Handler& handler) {
  if (handler.at_round_end_) return;
  handler.at_round_end_ = true;
  round_end_.push_back(handler.shared_from_this());
}

void Poller::Post(Task task) {
  bool first = false;
  {
    absl::MutexLock lock(&mu_);
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  // Whoever finds the list empty wakes the poller, once for all that come before it looks.
  const uint64_t one = 1;
  if (first) (void)!::write(wakeup_.get(), &one, sizeof one);
}

Poller::TimerId Poller::After(absl::Duration delay, Task task) {
  const TimerId id{Clock::now() + absl::ToChronoNanoseconds(delay), next_timer_++};
  timers_.emplace(id, std::move(task));
  return id;
}

void Poller::Cancel(TimerId& timer) {
  timers_.erase(timer);
  timer = {};
}

void Poller::Run() {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  while (!stop_.load(std::memory_order_relaxed)) {
    WaitAndHandle();
    RunPosted();
    RunTimers();
    RunRoundEnds();
    retired_.clear();
  }
}

void Poller::Stop() {
  stop_.store(true, std::memory_order_relaxed);
  Post([] {});
}

int Poller::WaitMillis() const {
  if (!round_end_.empty()) return 0;
  if (timers_.empty()) return -1;
  // Rounded up, or a timer due in 0.4 ms would be waited for by spinning.
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first.first - Clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, INT_MAX));
}

void Poller::WaitAndHandle() {
  epoll_event events[128];
  const int count = epoll_wait(epoll_.get(), events, 128, WaitMillis());
  for (int i = 0; i < count; ++i) {
    auto* handler = static_cast<Handler*>(events[i].data.ptr);
    if (handler == nullptr) {
      uint64_t signals = 0;
      (void)!::read(wakeup_.get(), &signals, sizeof signals);
    } else if (handler->watched_) {
      handler->OnReady(events[i].events);
    }
  }
}

void Poller::RunPosted() {
  std::vector<Task> tasks;
  {
    absl::MutexLock lock(&mu_);
    tasks.swap(posted_);
  }
  for (Task& task : tasks) task();
}

void Poller::RunTimers() {
  if (timers_.empty()) return;
  const Clock::time_point now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    Task task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    task();
  }
}

void Poller::RunRoundEnds() {
  std::vector<std::shared_ptr<Handler>> handlers;
  handlers.swap(round_end_);
  for (const auto& handler : handlers) {
    handler->at_round_end_ = false;  // before: it may ask again
    handler->OnRoundEnd();
  }
  handlers.clear();
  if (round_end_.empty()) round_end_.swap(handlers);  // keeps the capacity
}

}  // namespace voxeld
