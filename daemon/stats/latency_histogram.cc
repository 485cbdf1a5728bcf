#include "daemon/stats/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace voxeld {
namespace {

constexpr size_t kWidths = 65;  // of a 64-bit number: 0 to 64 bits

// The first bucket that a number of so many bits may belong to.
constexpr std::array<uint8_t, kWidths> FirstBuckets() {
  std::array<uint8_t, kWidths> first{};
  for (size_t width = 0; width < kWidths; ++width) {
    const uint64_t least = width == 0 ? 0 : uint64_t{1} << (width - 1);
    size_t bucket = 0;
    while (bucket < LatencyHistogram::kBoundsNs.size() &&
           static_cast<uint64_t>(LatencyHistogram::kBoundsNs[bucket]) < least) {
      ++bucket;
    }
    first[width] = static_cast<uint8_t>(bucket);
  }
  return first;
}

constexpr std::array<uint8_t, kWidths> kFirst = FirstBuckets();

size_t BucketOf(int64_t ns) {
  size_t bucket = kFirst[static_cast<size_t>(std::bit_width(static_cast<uint64_t>(ns)))];
  while (bucket < LatencyHistogram::kBoundsNs.size() && ns > LatencyHistogram::kBoundsNs[bucket]) {
    ++bucket;
  }
  return bucket;
}

}  // namespace

int64_t LatencyHistogram::Snapshot::count() const {
  int64_t all = 0;
  for (const int64_t count : counts) all += count;
  return all;
}

double LatencyHistogram::Snapshot::QuantileNs(double q) const {
  const int64_t all = count();
  if (all == 0) return 0;
  const double wanted = q * static_cast<double>(all);
  double below = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    const auto here = static_cast<double>(counts[i]);
    if (here == 0 || below + here < wanted) {
      below += here;
      continue;
    }
    if (i == kBoundsNs.size()) break;
    const auto low = static_cast<double>(i == 0 ? 0 : kBoundsNs[i - 1]);
    const auto high = static_cast<double>(kBoundsNs[i]);
    return low + (high - low) * (wanted - below) / here;
  }
  return static_cast<double>(kBoundsNs.back());
}

void LatencyHistogram::Record(int64_t ns, int64_t count) {
  ns = std::max<int64_t>(ns, 0);
  counts_[BucketOf(ns)].fetch_add(count, std::memory_order_relaxed);
  sum_ns_.fetch_add(ns * count, std::memory_order_relaxed);
}

LatencyHistogram::Snapshot LatencyHistogram::Read() const {
  Snapshot snapshot;
  for (size_t i = 0; i < kBuckets; ++i) {
    snapshot.counts[i] = counts_[i].load(std::memory_order_relaxed);
  }
  snapshot.sum_ns = sum_ns_.load(std::memory_order_relaxed);
  return snapshot;
}

}  // namespace voxeld
