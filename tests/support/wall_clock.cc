// Preloaded into a daemon: its system clock is the machine's, moved by what a test says, as if
// somebody had set it. The steady clocks stay.
//
// Data flow:  WALL_CLOCK names a file that is mapped here and by the test: how far it is moved, in
//             nanoseconds.
// Covered:    what reads the clock, and futexes that sleep until a time of the system's, which end
//             (or do not) when the clock jumps, as the kernel does it: Abseil's timed waits are
//             such.
// Not:        waits inside the C library, timers of the kernel's. The daemon has none of the
//             system's clock.
// Threading:  any thread.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kLook = kSecond / 100;  // so late a sleeper sees that the clock was set

std::atomic<int64_t> nowhere{0};
std::atomic<int64_t>* moved = &nowhere;

__attribute__((constructor)) void Map() {
  const char* const path = getenv("WALL_CLOCK");
  if (path == nullptr) return;
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  void* map =
      fd < 0 ? MAP_FAILED : mmap(nullptr, sizeof *moved, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) abort();  // a clock that nobody can set would look like success
  close(fd);
  moved = static_cast<std::atomic<int64_t>*>(map);
}

template <typename Fn>
Fn* Next(const char* name) {
  return reinterpret_cast<Fn*>(dlsym(RTLD_NEXT, name));
}

int64_t Nanoseconds(const timespec& time) { return time.tv_sec * kSecond + time.tv_nsec; }
timespec ToTimespec(int64_t ns) { return {.tv_sec = ns / kSecond, .tv_nsec = ns % kSecond}; }

using Clock = int(clockid_t, timespec*);
int RealClock(clockid_t clock, timespec* time) {
  static Clock* const next = Next<Clock>("clock_gettime");
  return next(clock, time);
}

int64_t RealNow() {
  timespec time;
  RealClock(CLOCK_REALTIME, &time);
  return Nanoseconds(time);
}
int64_t Now() { return std::max<int64_t>(0, RealNow() + moved->load()); }

using Call = long(long, ...);  // NOLINT(runtime/int): syscall's own

// Sleeps until `end` of the moved clock, and looks now and then whether that was set.
long WaitByClock(Call* next, long a[6], int64_t end) {  // NOLINT(runtime/int)
  for (;;) {
    const int64_t left = end - Now();
    const timespec until = ToTimespec(RealNow() + std::min(std::max<int64_t>(left, 0), kLook));
    const long result = next(SYS_futex, a[0], a[1], a[2], &until, a[4], a[5]);
    if (result != -1 || errno != ETIMEDOUT || end <= Now()) return result;
  }
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = RealClock(clock, time);
  const bool system = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (result == 0 && system) {
    *time = ToTimespec(std::max<int64_t>(0, Nanoseconds(*time) + moved->load()));
  }
  return result;
}

__attribute__((visibility("default"))) int gettimeofday(timeval* time, void*) noexcept {
  const int64_t now = Now();
  *time = {.tv_sec = now / kSecond, .tv_usec = now % kSecond / 1000};
  return 0;
}

__attribute__((visibility("default"))) time_t time(time_t* time) noexcept {
  const time_t now = Now() / kSecond;
  if (time != nullptr) *time = now;
  return now;
}

__attribute__((visibility("default"))) long syscall(long number, ...) noexcept {
  static Call* const next = Next<Call>("syscall");
  long a[6];
  va_list arguments;
  va_start(arguments, number);
  for (long& argument : a) argument = va_arg(arguments, long);
  va_end(arguments);
  const auto* until = reinterpret_cast<const timespec*>(a[3]);
  if (number == SYS_futex && (a[1] & FUTEX_CLOCK_REALTIME) != 0 && until != nullptr) {
    return WaitByClock(next, a, Nanoseconds(*until));
  }
  return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
}
