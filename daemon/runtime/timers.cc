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

Timers::Id Timers::After(absl::Duration delay, Fn fn) {
  delay = std::clamp(delay, absl::ZeroDuration(), kLongest);
  return At(Clock::now() + absl::ToChronoNanoseconds(delay), std::move(fn));
}

Timers::Id Timers::At(Clock::time_point when, Fn fn) {
  Id id{when, 0};
  bool too_late = false;
  {
    absl::MutexLock lock(&mu_);
    id.second = ++last_;
    if (spare_.empty()) {
      waiting_.emplace(id, std::move(fn));
    } else {
      spare_.key() = id;
      spare_.mapped() = std::move(fn);
      waiting_.insert(std::move(spare_));
    }
    too_late = looks_at_ > when;
    if (too_late) looks_at_ = kAwake;  // as soon as it is woken: once is enough
  }
  if (too_late) Wake();
  return id;
}

bool Timers::Cancel(const Id& id) {
  Fn dropped;  // ends outside the lock: it may hold anything
  absl::MutexLock lock(&mu_);
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return false;
  dropped = TakeOut(found);
  return true;
}

Timers::Fn Timers::TakeOut(std::map<Id, Fn>::iterator entry) {
  spare_ = waiting_.extract(entry);
  return std::move(spare_.mapped());
}

size_t Timers::waiting() const {
  absl::MutexLock lock(&mu_);
  return waiting_.size();
}

Timers::Fn Timers::TakeDue(Clock::duration& sleep) {
  absl::MutexLock lock(&mu_);
  const Clock::time_point now = Clock::now();
  looks_at_ = kAwake;
  if (!stopping_ && !waiting_.empty() && waiting_.begin()->first.first <= now) {
    return TakeOut(waiting_.begin());
  }
  looks_at_ = now + kForNobody;
  if (!waiting_.empty()) looks_at_ = std::min(looks_at_, waiting_.begin()->first.first);
  sleep = looks_at_ - now;
  return nullptr;
}

void Timers::Run() {
  for (;;) {
    Clock::duration sleep{};
    while (Fn due = TakeDue(sleep)) std::move(due)();
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
