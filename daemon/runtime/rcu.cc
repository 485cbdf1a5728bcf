#include "daemon/runtime/rcu.h"

// Without _LGPL_SOURCE every call is a function of the shared library: nothing of it is compiled
// into ours.
#include <urcu/urcu-memb.h>

#include <memory>

#include "absl/synchronization/notification.h"

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace voxeld {
namespace {

// The thread sanitizer cannot see into liburcu. These two say what a grace period guarantees: the
// end of a read section happens before the callbacks that waited for it, and retiring happens
// before dropping.
void SayHappensBefore([[maybe_unused]] void* address) {
#if defined(__SANITIZE_THREAD__)
  __tsan_release(address);
#endif
}
void SayHappensAfter([[maybe_unused]] void* address) {
#if defined(__SANITIZE_THREAD__)
  __tsan_acquire(address);
#endif
}

char grace_period_sync;  // an address for the annotations; never written

struct ThreadRegistration {
  ThreadRegistration() { urcu_memb_register_thread(); }
  ~ThreadRegistration() { urcu_memb_unregister_thread(); }
};

void RegisterThisThread() { [[maybe_unused]] thread_local ThreadRegistration registration; }

struct Retired : rcu_head {
  void* object;
  void (*drop)(void* object);
};

void RunRetired(rcu_head* head) {
  const std::unique_ptr<Retired> retired(static_cast<Retired*>(head));
  SayHappensAfter(&grace_period_sync);
  SayHappensAfter(retired.get());
  retired->drop(retired->object);
}

}  // namespace

RcuReadSection::RcuReadSection() {
  RegisterThisThread();
  urcu_memb_read_lock();
}

RcuReadSection::~RcuReadSection() {
  SayHappensBefore(&grace_period_sync);
  urcu_memb_read_unlock();
}

void RcuRetire(void* object, void (*drop)(void* object)) {
  RegisterThisThread();  // call_rcu opens a read section of its own
  auto* retired = new Retired{{}, object, drop};
  SayHappensBefore(retired);
  urcu_memb_call_rcu(retired, RunRetired);
}

void RcuBarrier() {
  // liburcu's one thread runs the callbacks in the order they were given.
  absl::Notification reached;
  RcuRetire(&reached, [](void* n) { static_cast<absl::Notification*>(n)->Notify(); });
  reached.WaitForNotification();
}

}  // namespace voxeld
