// How long things took: counts in fixed buckets, whose bounds go 1, 2, 5, 10 ... from a microsecond
// to ten seconds.
//
// Threading: any thread, no lock. A Snapshot taken meanwhile may miss what is being recorded.
// Cost:      two atomic additions; no memory but its own.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace voxeld {

class LatencyHistogram {
 public:
  // A bucket holds what took at most its bound, and more than the one before; one more bucket holds
  // the rest.
  static constexpr std::array<int64_t, 22> kBoundsNs = {
      1'000,         2'000,         5'000,         10'000,        20'000,      50'000,
      100'000,       200'000,       500'000,       1'000'000,     2'000'000,   5'000'000,
      10'000'000,    20'000'000,    50'000'000,    100'000'000,   200'000'000, 500'000'000,
      1'000'000'000, 2'000'000'000, 5'000'000'000, 10'000'000'000};
  static constexpr size_t kBuckets = kBoundsNs.size() + 1;

  struct Snapshot {
    std::array<int64_t, kBuckets> counts{};
    int64_t sum_ns = 0;

    int64_t count() const;
    // The value that the share `q` of all is at most, 0 < q <= 1, taken as spread evenly over its
    // bucket; the last bound for what lies above it, and 0 if there is nothing.
    double QuantileNs(double q) const;
  };

  void Record(int64_t ns, int64_t count = 1);
  Snapshot Read() const;

 private:
  // Relaxed: each is a count of its own, and nothing is published by them.
  std::array<std::atomic<int64_t>, kBuckets> counts_{};
  std::atomic<int64_t> sum_ns_{0};
};

}  // namespace voxeld
