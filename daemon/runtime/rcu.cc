#include "daemon/runtime/rcu.h"

// Without _LGPL_SOURCE every call is a function of the shared library: nothing of it is compiled
// into ours.
#include <urcu/urcu-memb.h>

#include <atomic>
#include <memory>
#include <new>

#include "absl/synchronization/notification.h"
#include "daemon/stats/steady_ns.h"

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

// Relaxed: figures for statistics.
std::atomic<int64_t> retired_count{0};
std::atomic<int64_t> dropped_count{0};

std::atomic<int64_t> grace_period_count{0};
LatencyHistogram waits;
// When the first of the drops began that follow the last grace period counted. liburcu's thread.
int64_t counted_at_ns = 0;

char grace_period_sync;  // an address for the annotations; never written

struct ThreadRegistration {
  ThreadRegistration() { urcu_memb_register_thread(); }
  ~ThreadRegistration() { urcu_memb_unregister_thread(); }
};

void RegisterThisThread() { [[maybe_unused]] thread_local ThreadRegistration registration; }

struct Retired : rcu_head {
  void* object;
  void (*drop)(void* object);
  int64_t since_ns;
};

void CountWait(int64_t since_ns) {
  const int64_t now = SteadyNs();
  waits.Record(now - since_ns);
  if (since_ns <= counted_at_ns) return;
  counted_at_ns = now;
  grace_period_count.fetch_add(1, std::memory_order_relaxed);
}

void RunRetiredInPlace(rcu_head* head) {
  const auto* retired = static_cast<Retired*>(head);
  SayHappensAfter(&grace_period_sync);
  SayHappensAfter(head);
  CountWait(retired->since_ns);
  retired->drop(retired->object);  // may reuse the room of `retired`
  dropped_count.fetch_add(1, std::memory_order_relaxed);
}

void RunRetired(rcu_head* head) {
  const std::unique_ptr<Retired> retired(static_cast<Retired*>(head));
  RunRetiredInPlace(head);
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
  auto* retired = new Retired{{}, object, drop, SteadyNs()};
  retired_count.fetch_add(1, std::memory_order_relaxed);
  SayHappensBefore(static_cast<rcu_head*>(retired));
  urcu_memb_call_rcu(retired, RunRetired);
}

void RcuRetire(RcuNode& node, void* object, void (*drop)(void* object)) {
  static_assert(sizeof(Retired) <= sizeof node.room_);
  RegisterThisThread();
  auto* retired = new (node.room_) Retired{{}, object, drop, SteadyNs()};
  retired_count.fetch_add(1, std::memory_order_relaxed);
  SayHappensBefore(static_cast<rcu_head*>(retired));
  urcu_memb_call_rcu(retired, RunRetiredInPlace);
}

RcuCounts CountRcu() {
  // In this order: what is dropped was retired before.
  const int64_t dropped = dropped_count.load(std::memory_order_relaxed);
  return {.retired = retired_count.load(std::memory_order_relaxed),
          .dropped = dropped,
          .grace_periods = grace_period_count.load(std::memory_order_relaxed),
          .waits = waits.Read()};
}

void RcuBarrier() {
  // liburcu's one thread runs the callbacks in the order they were given.
  absl::Notification reached;
  RcuRetire(&reached, [](void* n) { static_cast<absl::Notification*>(n)->Notify(); });
  reached.WaitForNotification();
}

}  // namespace voxeld
