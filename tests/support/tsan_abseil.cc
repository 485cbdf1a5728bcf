// Lets ThreadSanitizer see Abseil's locks, and its counts of who holds a status. Debian's Abseil is
// not instrumented, so that what happens under an absl::Mutex looks to the sanitizer like a race.
// This file is linked into every test of the tsan preset and stands before the library's own
// functions: each calls the real one (found behind it by dlsym) and says what it promises, that
// what was done before an unlock is seen after the next lock.
//
// Threading: as the functions it stands for.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "voxel/base/check.h"

// The mangled name of a member: VOXEL_SYMBOL("5Mutex4LockEv") for absl::Mutex::Lock().
#define VOXEL_SYMBOL(rest) "_ZN4absl7debian3" rest
#define VOXEL_CONST_SYMBOL(rest) "_ZNK4absl7debian3" rest
static_assert(sizeof(ABSL_INTERNAL_TOKEN_STR(ABSL_OPTION_INLINE_NAMESPACE_NAME)) == 8 &&
              ABSL_INTERNAL_TOKEN_STR(ABSL_OPTION_INLINE_NAMESPACE_NAME)[6] == '3');

namespace {

// The real function behind ours.
template <typename Function>
Function* Next(const char* symbol) {
  void* found = dlsym(RTLD_NEXT, symbol);
  VOXEL_CHECK(found != nullptr);
  return reinterpret_cast<Function*>(found);
}

// The mutex that this thread waits for or gives back: the library then evaluates Conditions under
// it.
thread_local absl::Mutex* evaluating = nullptr;

class Evaluating {
 public:
  explicit Evaluating(absl::Mutex* mutex) : before_(evaluating) { evaluating = mutex; }
  ~Evaluating() { evaluating = before_; }
  Evaluating(const Evaluating&) = delete;

 private:
  absl::Mutex* before_;
};

// A wait gives the mutex back and takes it again.
template <typename Wait>
auto WhileAway(absl::Mutex* mutex, Wait wait) {
  const Evaluating scope(mutex);
  __tsan_release(mutex);
  struct Back {
    absl::Mutex* mutex;
    ~Back() { __tsan_acquire(mutex); }
  } back{mutex};
  return wait();
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

// Whoever lets go of a status last deletes what it says, and has seen what the others did with it.
void Status::UnrefNonInlined(uintptr_t rep) {
  static auto* const next = Next<void(uintptr_t)>(VOXEL_SYMBOL("6Status15UnrefNonInlinedEm"));
  void* const counted = reinterpret_cast<void*>(rep);  // NOLINT(performance-no-int-to-ptr)
  __tsan_release(counted);
  __tsan_acquire(counted);
  next(rep);
}

void Mutex::Lock() {
  static auto* const next = Next<void(Mutex*)>(VOXEL_SYMBOL("5Mutex4LockEv"));
  next(this);
  __tsan_acquire(this);
}

void Mutex::Unlock() {
  static auto* const next = Next<void(Mutex*)>(VOXEL_SYMBOL("5Mutex6UnlockEv"));
  const Evaluating scope(this);
  __tsan_release(this);
  next(this);
}

bool Mutex::TryLock() {
  static auto* const next = Next<bool(Mutex*)>(VOXEL_SYMBOL("5Mutex7TryLockEv"));
  const bool locked = next(this);
  if (locked) __tsan_acquire(this);
  return locked;
}

void Mutex::ReaderLock() {
  static auto* const next = Next<void(Mutex*)>(VOXEL_SYMBOL("5Mutex10ReaderLockEv"));
  next(this);
  __tsan_acquire(this);
}

void Mutex::ReaderUnlock() {
  static auto* const next = Next<void(Mutex*)>(VOXEL_SYMBOL("5Mutex12ReaderUnlockEv"));
  const Evaluating scope(this);
  __tsan_release(this);
  next(this);
}

void Mutex::LockWhen(const Condition& condition) {
  static auto* const next =
      Next<void(Mutex*, const Condition&)>(VOXEL_SYMBOL("5Mutex8LockWhenERKNS0_9ConditionE"));
  WhileAway(this, [&] { next(this, condition); });
}

void Mutex::Await(const Condition& condition) {
  static auto* const next =
      Next<void(Mutex*, const Condition&)>(VOXEL_SYMBOL("5Mutex5AwaitERKNS0_9ConditionE"));
  WhileAway(this, [&] { next(this, condition); });
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  static auto* const next = Next<bool(Mutex*, const Condition&, Duration)>(
      VOXEL_SYMBOL("5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE"));
  return WhileAway(this, [&] { return next(this, condition, timeout); });
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  static auto* const next = Next<bool(Mutex*, const Condition&, Time)>(
      VOXEL_SYMBOL("5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE"));
  return WhileAway(this, [&] { return next(this, condition, deadline); });
}

bool Condition::Eval() const {
  static auto* const next = Next<bool(const Condition*)>(VOXEL_CONST_SYMBOL("9Condition4EvalEv"));
  if (evaluating != nullptr) __tsan_acquire(evaluating);
  const bool holds = next(this);
  if (evaluating != nullptr) __tsan_release(evaluating);
  return holds;
}

void CondVar::Wait(Mutex* mutex) {
  static auto* const next =
      Next<void(CondVar*, Mutex*)>(VOXEL_SYMBOL("7CondVar4WaitEPNS0_5MutexE"));
  WhileAway(mutex, [&] { next(this, mutex); });
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static auto* const next = Next<bool(CondVar*, Mutex*, Duration)>(
      VOXEL_SYMBOL("7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE"));
  return WhileAway(mutex, [&] { return next(this, mutex, timeout); });
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static auto* const next = Next<bool(CondVar*, Mutex*, Time)>(
      VOXEL_SYMBOL("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE"));
  return WhileAway(mutex, [&] { return next(this, mutex, deadline); });
}

// HasBeenNotified is inline and reads the flag that stands behind the mutex.
void Notification::Notify() {
  static auto* const next = Next<void(Notification*)>(VOXEL_SYMBOL("12Notification6NotifyEv"));
  __tsan_release(this);
  __tsan_release(reinterpret_cast<char*>(this) + sizeof(Mutex));
  next(this);
}

void Notification::WaitForNotification() const {
  static auto* const next =
      Next<void(const Notification*)>(VOXEL_CONST_SYMBOL("12Notification19WaitForNotificationEv"));
  next(this);
  __tsan_acquire(const_cast<Notification*>(this));
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static auto* const next = Next<bool(const Notification*, Duration)>(
      VOXEL_CONST_SYMBOL("12Notification30WaitForNotificationWithTimeoutENS0_8DurationE"));
  const bool notified = next(this, timeout);
  if (notified) __tsan_acquire(const_cast<Notification*>(this));
  return notified;
}

bool BlockingCounter::DecrementCount() {
  static auto* const next =
      Next<bool(BlockingCounter*)>(VOXEL_SYMBOL("15BlockingCounter14DecrementCountEv"));
  __tsan_release(this);
  return next(this);
}

void BlockingCounter::Wait() {
  static auto* const next = Next<void(BlockingCounter*)>(VOXEL_SYMBOL("15BlockingCounter4WaitEv"));
  next(this);
  __tsan_acquire(this);
}

bool Barrier::Block() {
  static auto* const next = Next<bool(Barrier*)>(VOXEL_SYMBOL("7Barrier5BlockEv"));
  __tsan_release(this);
  const bool last = next(this);
  __tsan_acquire(this);
  return last;
}

ABSL_NAMESPACE_END
}  // namespace absl
