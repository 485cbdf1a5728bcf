#include "daemon/runtime/timers.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "voxel/base/check.h"

namespace voxeld {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24 * 365);
constexpr std::chrono::hours kForNobody{1};  // and then look again, which costs nothing

timespec ToTimespec(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {.tv_sec = static_cast<time_t>(seconds.count()),
          .tv_nsec = static_cast<int64_t>((time - seconds).count())};
}

}  // namespace

// Of what the core has, only ppoll sleeps by the steady clock: Abseil's waits end by the system's.
Timers::Timers() : wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  VOXEL_CHECK(wake_fd_ >= 0);
  thread_ = std::thread([this] { Run(); });
}

Timers::~Timers() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
  close(wake_fd_);
}

void Timers::Wake() const { eventfd_write(wake_fd_, 1); }

void Timers::After(absl::Duration delay, absl::AnyInvocable<void()> fn) {
  delay = std::clamp(delay, absl::ZeroDuration(), kLongest);
  At(Clock::now() + absl::ToChronoNanoseconds(delay), std::move(fn));
}

void Timers::At(Clock::time_point when, absl::AnyInvocable<void()> fn) {
  bool first = false;
  {
    absl::MutexLock lock(&mu_);
    first = heap_.empty() || when < heap_.front().when;
    heap_.push_back({when, std::move(fn)});
    std::push_heap(heap_.begin(), heap_.end(), Later);
  }
  if (first) Wake();
}

std::optional<Timers::Entry> Timers::TakeDue(Clock::duration& sleep) {
  absl::MutexLock lock(&mu_);
  const Clock::time_point now = Clock::now();
  sleep = kForNobody;
  if (stopping_ || heap_.empty()) return std::nullopt;
  if (heap_.front().when > now) {
    sleep = heap_.front().when - now;
    return std::nullopt;
  }
  std::pop_heap(heap_.begin(), heap_.end(), Later);
  Entry due = std::move(heap_.back());
  heap_.pop_back();
  return due;
}

void Timers::Run() {
  for (;;) {
    Clock::duration sleep{};
    while (std::optional<Entry> due = TakeDue(sleep)) std::move(due->fn)();
    {
      absl::MutexLock lock(&mu_);
      if (stopping_) return;
    }
    pollfd wait{.fd = wake_fd_, .events = POLLIN, .revents = 0};
    const timespec time = ToTimespec(sleep);
    ppoll(&wait, 1, &time, nullptr);
    eventfd_t news = 0;
    eventfd_read(wake_fd_, &news);
  }
}

}  // namespace voxeld
