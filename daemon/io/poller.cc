#include "daemon/io/poller.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <climits>
#include <system_error>

#include "daemon/io/epoll_source.h"
#include "daemon/io/uring_source.h"
#include "voxel/base/check.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr size_t kEventsAtOnce = 128;

bool AddTo(const UniqueFd& gate, int fd, uint32_t events) {
  epoll_event event{events, {.ptr = nullptr}};
  return epoll_ctl(gate.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Signal(const UniqueFd& eventfd) {
  const uint64_t one = 1;
  (void)!::write(eventfd.get(), &one, sizeof one);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Poller>> Poller::Create(Io io) {
  VOXEL_ASSIGN_OR_RETURN(std::unique_ptr<EventSource> source,
                         io == Io::kUring ? UringSource::Create() : EpollSource::Create());
  Fds fds{UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), UniqueFd(epoll_create1(EPOLL_CLOEXEC)),
          UniqueFd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
          UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))};
  const int waited = source->descriptor();
  // Nobody reads the end.
  const bool made = fds.wakeup.ok() && fds.gate.ok() && fds.alarm.ok() && fds.end.ok() &&
                    (waited < 0 || AddTo(fds.gate, waited, 0)) &&
                    AddTo(fds.gate, fds.alarm.get(), EPOLLIN | EPOLLET) &&
                    AddTo(fds.gate, fds.end.get(), EPOLLIN);
  if (!made) {
    return absl::ResourceExhaustedError(
        voxel::StrCat("epoll: ", std::generic_category().message(errno)));
  }
  VOXEL_RETURN_IF_ERROR(source->Add(fds.wakeup.get(), 0, EPOLLIN, FdUse::kWait));
  return std::unique_ptr<Poller>(new Poller(std::move(fds), std::move(source)));
}

Poller::~Poller() = default;

absl::Status Poller::Watch(int fd, uint32_t events, std::shared_ptr<Handler> handler, FdUse use) {
  const auto index = static_cast<size_t>(fd);
  if (index >= watched_.size()) watched_.resize(std::max(index + 1, 2 * watched_.size()));
  VOXEL_RETURN_IF_ERROR(source_->Add(fd, watched_[index].turn, events, use));
  watched_[index].handler = std::move(handler);
  return absl::OkStatus();
}

void Poller::Remove(int fd) {
  const auto index = static_cast<size_t>(fd);
  if (index >= watched_.size() || watched_[index].handler == nullptr) return;
  source_->Remove(fd);
  ++watched_[index].turn;
  retired_.push_back(std::move(watched_[index].handler));
}

void Poller::AtRoundEnd(Handler& handler) {
  if (handler.at_round_end_) return;
  handler.at_round_end_ = true;
  round_end_.push_back(handler.shared_from_this());
}

void Poller::Post(Task task) {
  // A thread that is away and not yet missed finds them itself as it comes back.
  const bool comes_back = away_.load(std::memory_order_relaxed) == std::this_thread::get_id() &&
                          thread_.load(std::memory_order_relaxed) == std::thread::id();
  bool wake = false;
  {
    absl::MutexLock lock(&mu_);
    posted_.push_back(std::move(task));
    wake = !comes_back && !std::exchange(woken_, true);  // once, until it looks
  }
  if (wake) Signal(fds_.wakeup);
}

Poller::TimerId Poller::After(absl::Duration delay, Task task) {
  const TimerId id{Clock::now() + absl::ToChronoNanoseconds(delay), next_timer_++};
  if (spare_timer_.empty()) {
    timers_.emplace(id, std::move(task));
  } else {
    spare_timer_.key() = id;
    spare_timer_.mapped() = std::move(task);
    timers_.insert(std::move(spare_timer_));
  }
  return id;
}

void Poller::Cancel(TimerId& timer) {
  Task dropped;  // to the end: it may own `timer`
  if (const auto found = timers_.find(timer); found != timers_.end()) {
    spare_timer_ = timers_.extract(found);
    dropped = std::exchange(spare_timer_.mapped(), nullptr);
  }
  timer = {};
}

bool Poller::TryRunHere(Task& task) {
  const bool stand_in = source_->descriptor() >= 0;
  if (!stand_in || !OnThread() || aside_taken_.load(std::memory_order_acquire)) return false;
  aside_taken_.store(true, std::memory_order_relaxed);
  aside_ = std::move(task);
  return true;
}

void Poller::Run() {
  Serve();
  if (stand_in_.joinable()) stand_in_.join();
}

// What both threads do: poll, or wait for that part.
void Poller::Serve() {
  do {
    PollRounds();
  } while (AwaitPart());
}

// Until Stop, or until the other thread has the part.
void Poller::PollRounds() {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  while (!stop_.load(std::memory_order_relaxed)) {
    WaitAndHandle();
    FinishRound();
    while (aside_ != nullptr) {
      if (!StepAside()) return;
      FinishRound();  // with what the task has posted
    }
  }
  thread_.store({}, std::memory_order_relaxed);  // nothing that is taken from now on would run
}

void Poller::FinishRound() {
  RunPosted();
  RunTimers();
  RunRoundEnds();
  source_->EndRound();
  retired_.clear();
}

// Runs the task that was taken. False if the other thread polls now.
bool Poller::StepAside() {
  Task task = std::exchange(aside_, nullptr);
  if (!stand_in_.joinable()) {
    stand_in_ = std::thread([this] {
      if (AwaitPart()) Serve();
    });
  }
  if (!round_end_.empty()) Signal(fds_.wakeup);  // there is something to do already
  if (!timers_.empty()) SetAlarm(timers_.begin()->first.first);
  away_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  thread_.store({}, std::memory_order_relaxed);
  {
    absl::MutexLock lock(&part_mu_);
    part_free_ = true;
  }
  SetGate(EPOLLIN | EPOLLONESHOT);
  task();
  task = nullptr;
  SetGate(0);
  away_.store({}, std::memory_order_relaxed);
  aside_taken_.store(false, std::memory_order_release);
  {
    absl::MutexLock lock(&part_mu_);
    if (std::exchange(part_free_, false)) {
      thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
      return true;
    }
  }
  bool wake = false;
  {
    absl::MutexLock lock(&mu_);
    wake = !posted_.empty() && !std::exchange(woken_, true);
  }
  if (wake) Signal(fds_.wakeup);
  return false;
}

// One that is set already, as between most edits of a lone client, costs no system call.
void Poller::SetAlarm(Clock::time_point due) {
  if (due == alarm_due_ && Clock::now() < due) return;
  alarm_due_ = due;
  const auto time = due.time_since_epoch();
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time);
  const itimerspec when{{}, {whole.count(), std::chrono::nanoseconds(time - whole).count()}};
  timerfd_settime(fds_.alarm.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

// Lets what happens at the poller's descriptors wake the thread at the gate, or not.
void Poller::SetGate(uint32_t events) {
  epoll_event event{events, {.ptr = nullptr}};
  VOXEL_CHECK(epoll_ctl(fds_.gate.get(), EPOLL_CTL_MOD, source_->descriptor(), &event) == 0);
}

// False: the poller stops.
bool Poller::AwaitPart() {
  while (!stop_.load(std::memory_order_relaxed)) {
    epoll_event event;
    epoll_wait(fds_.gate.get(), &event, 1, -1);
    absl::MutexLock lock(&part_mu_);
    if (std::exchange(part_free_, false)) return true;
  }
  return false;
}

void Poller::Stop() {
  stop_.store(true, std::memory_order_relaxed);
  Post([] {});
  Signal(fds_.end);
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
  EventSource::Event events[kEventsAtOnce];
  const size_t count = source_->Wait(WaitMillis(), absl::MakeSpan(events));
  for (const EventSource::Event& event : absl::MakeSpan(events, count)) {
    const auto index = static_cast<size_t>(event.fd);
    if (event.fd == fds_.wakeup.get()) {
      uint64_t signals = 0;
      (void)!::read(fds_.wakeup.get(), &signals, sizeof signals);
    } else if (index < watched_.size() && watched_[index].turn == event.turn) {
      Handler* const handler = watched_[index].handler.get();  // the table may move meanwhile
      if (handler != nullptr) handler->OnReady(event.events);
    }
  }
}

void Poller::RunPosted() {
  std::vector<Task> tasks;
  {
    absl::MutexLock lock(&mu_);
    tasks.swap(posted_);
    woken_ = false;
  }
  for (Task& task : tasks) task();
}

void Poller::RunTimers() {
  if (timers_.empty()) return;
  const Clock::time_point now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    spare_timer_ = timers_.extract(timers_.begin());
    Task task = std::move(spare_timer_.mapped());
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
