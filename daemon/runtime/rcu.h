// Read-copy-update: readers that never wait, and a callback once no reader can still see the old
// value.
//
// Threading:  everything from any thread; a thread registers itself with liburcu on first use and
//             unregisters as it ends. Nothing here waits for readers but RcuBarrier, which no
//             request path may call.
// Cost:       a read section is two function calls and a thread-local check, no shared write. A
//             retired object lives some 10 ms longer: liburcu's own thread gathers grace periods.
// Choice:     liburcu's memb flavour behind a registration of our own: 10.2 ns a section, where the
//             bulletproof flavour, which registers by itself, takes 11.5. The qsbr flavour takes
//             none, but needs every thread to report.
#pragma once

#include <cstdint>

#include "daemon/stats/latency_histogram.h"

namespace voxeld {

// A read section. What an RCU-published pointer leads to stays alive until the section ends: pin it
// (count a reference) and leave. Sections nest. Keep them to nanoseconds: an open section holds
// back all reclamation.
class RcuReadSection {
 public:
  RcuReadSection();
  ~RcuReadSection();
  RcuReadSection(const RcuReadSection&) = delete;
  RcuReadSection& operator=(const RcuReadSection&) = delete;
};

// Calls drop(object) on liburcu's thread after every read section that is open now has ended.
// `drop` must be quick.
void RcuRetire(void* object, void (*drop)(void* object));

// Room, in an object that is retired time and again, for what is kept about it until it is dropped.
class RcuNode {
 private:
  friend void RcuRetire(RcuNode& node, void* object, void (*drop)(void* object));
  alignas(8) unsigned char room_[40];
};
// The same without a heap call. `node` must live on until drop(object), which may reuse it.
void RcuRetire(RcuNode& node, void* object, void (*drop)(void* object));

// How many objects were retired since the process began, and how many of them were dropped. What
// lies between waits for a grace period.
struct RcuCounts {
  int64_t retired = 0;
  int64_t dropped = 0;
  // Grace periods, of those that began after the one before had ended: liburcu does not say where
  // one ends and the next begins, but what was retired after the last drops were seen to begin
  // waits for another.
  int64_t grace_periods = 0;
  LatencyHistogram::Snapshot waits;  // of those dropped, from being retired on
};
RcuCounts CountRcu();

// Waits until everything retired before this call has been dropped. For shutdown and tests.
// REQUIRES: not inside a read section.
void RcuBarrier();

}  // namespace voxeld
