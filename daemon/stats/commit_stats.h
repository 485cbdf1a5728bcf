// What the disk store committed: groups of records, and how long a group's transaction took to be
// durable.
//
// Threading: any thread, no lock; relaxed counts that nothing else depends on.
#pragma once

#include <atomic>
#include <cstdint>

#include "daemon/stats/latency_histogram.h"

namespace voxeld {

class CommitStats {
 public:
  // One group: a transaction with one fsync, which took `ns` from COMMIT on.
  void Committed(int64_t records, int64_t ns) {
    records_.fetch_add(records, std::memory_order_relaxed);
    commits_.Record(ns);
  }

  int64_t records() const { return records_.load(std::memory_order_relaxed); }
  LatencyHistogram::Snapshot commits() const { return commits_.Read(); }  // one for each group

 private:
  std::atomic<int64_t> records_{0};
  LatencyHistogram commits_;
};

}  // namespace voxeld
