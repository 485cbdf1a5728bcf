// What calls came, by method and door: how many, how long they took, what they failed with, bytes.
//
// Threading: any thread, no lock.
// Cost:      the first call of a method over a door takes memory for its counters; from then on
//            some atomic additions.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "daemon/stats/door.h"
#include "daemon/stats/latency_histogram.h"
#include "voxel/base/error.h"

namespace voxeld {

class CallStats {
 public:
  // Methods are numbered from 0. One number more, `methods`, stands for what is no method.
  explicit CallStats(size_t methods);
  ~CallStats();
  CallStats(const CallStats&) = delete;
  CallStats& operator=(const CallStats&) = delete;

  // A call ended with `status` after so long. A status without a reason counts as INTERNAL.
  // `count`: the calls of a client that it was, if it was several.
  void Ended(size_t method, Door door, int64_t ns, const absl::Status& status, int64_t count = 1);
  // A call that was counted as one that went well ended with `status` all the same, as a stream
  // that was open. What its client or its deadline ended, as most streams end, is no failure.
  void Broken(size_t method, Door door, const absl::Status& status);
  // What it was asked with and answered with, without the envelope of the protocol.
  void Bytes(size_t method, Door door, int64_t in, int64_t out);

  struct Row {
    size_t method = 0;
    Door door = Door::kGrpc;
    LatencyHistogram::Snapshot latency;  // its count is that of the calls
    std::vector<std::pair<voxel::Reason, int64_t>> errors;
    int64_t bytes_in = 0;
    int64_t bytes_out = 0;
  };
  // Those that were called, by method, then door.
  std::vector<Row> Rows() const;
  // How many calls ended. No heap call.
  int64_t Count() const;

 private:
  struct Counters;
  static void CountError(Counters& counters, const absl::Status& status, int64_t count);
  Counters& Of(size_t method, Door door);

  const size_t slots_;
  const std::unique_ptr<std::atomic<Counters*>[]> counters_;  // by method, then door
};

}  // namespace voxeld
