#include "daemon/stats/latency_histogram.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace voxeld {
namespace {

size_t OnlyBucket(int64_t ns) {
  LatencyHistogram histogram;
  histogram.Record(ns);
  const auto counts = histogram.Read().counts;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 1) return i;
  }
  return counts.size();
}

TEST(LatencyHistogramTest, ABucketHoldsItsBoundAndNothingAbove) {
  const auto& bounds = LatencyHistogram::kBoundsNs;
  for (size_t i = 0; i < bounds.size(); ++i) {
    EXPECT_EQ(OnlyBucket(bounds[i]), i);
    EXPECT_EQ(OnlyBucket(bounds[i] + 1), i + 1);
    EXPECT_EQ(OnlyBucket(bounds[i] - 1), i);
  }
  EXPECT_EQ(OnlyBucket(0), 0u);
  EXPECT_EQ(OnlyBucket(-5), 0u);
  EXPECT_EQ(OnlyBucket(INT64_MAX), bounds.size());
}

TEST(LatencyHistogramTest, QuantilesLieInTheirBucket) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.Read().QuantileNs(0.5), 0);
  for (int i = 0; i < 99; ++i) histogram.Record(3'000);
  histogram.Record(4'000'000);
  const auto snapshot = histogram.Read();
  EXPECT_EQ(snapshot.count(), 100);
  EXPECT_EQ(snapshot.sum_ns, 99 * 3'000 + 4'000'000);
  EXPECT_GT(snapshot.QuantileNs(0.5), 2'000);
  EXPECT_LE(snapshot.QuantileNs(0.99), 5'000);
  EXPECT_GT(snapshot.QuantileNs(1), 2'000'000);
  EXPECT_LE(snapshot.QuantileNs(1), 5'000'000);
}

TEST(LatencyHistogramTest, WhatIsAboveTheLastBoundCountsAsIt) {
  LatencyHistogram histogram;
  histogram.Record(int64_t{1} << 40);
  EXPECT_EQ(histogram.Read().QuantileNs(0.5), 1e10);
}

TEST(LatencyHistogramTest, ThreadsLoseNothing) {
  LatencyHistogram histogram;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&histogram] {
      for (int i = 0; i < 10'000; ++i) histogram.Record(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(histogram.Read().count(), 40'000);
}

}  // namespace
}  // namespace voxeld
