#include "daemon/stats/call_stats.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace voxeld {
namespace {

TEST(CallStatsTest, CountsByMethodDoorAndReason) {
  CallStats stats(3);
  EXPECT_TRUE(stats.Rows().empty());
  stats.Ended(2, Door::kResp, 5'000, absl::OkStatus());
  stats.Ended(2, Door::kResp, 5'000, voxel::Error(voxel::Reason::LAYER_NOT_FOUND, "no"));
  stats.Ended(2, Door::kGrpc, 5'000, absl::OkStatus());
  stats.Ended(3, Door::kHttp, 0, voxel::Error(voxel::Reason::METHOD_NOT_FOUND, "no"));
  stats.Ended(0, Door::kHttp, 0, absl::InternalError("without a reason"));
  stats.Bytes(2, Door::kResp, 10, 200);
  stats.Broken(2, Door::kGrpc, voxel::Error(voxel::Reason::WATCH_TOO_SLOW, "no"));
  stats.Broken(2, Door::kGrpc, voxel::Error(voxel::Reason::CALL_CANCELLED, "no"));
  stats.Broken(2, Door::kGrpc, voxel::Error(voxel::Reason::DEADLINE_PASSED, "no"));

  const auto rows = stats.Rows();
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].method, 0u);
  EXPECT_EQ(rows[0].errors[0].first, voxel::Reason::INTERNAL);
  EXPECT_EQ(rows[1].door, Door::kGrpc);
  EXPECT_EQ(rows[1].latency.count(), 1);
  ASSERT_EQ(rows[1].errors.size(), 1u);
  EXPECT_EQ(rows[1].errors[0].first, voxel::Reason::WATCH_TOO_SLOW);
  EXPECT_EQ(rows[1].errors[0].second, 1);
  EXPECT_EQ(rows[2].method, 2u);
  EXPECT_EQ(rows[2].door, Door::kResp);
  EXPECT_EQ(rows[2].latency.count(), 2);
  EXPECT_EQ(rows[2].bytes_in, 10);
  EXPECT_EQ(rows[2].bytes_out, 200);
  ASSERT_EQ(rows[2].errors.size(), 1u);
  EXPECT_EQ(rows[2].errors[0], std::pair(voxel::Reason::LAYER_NOT_FOUND, int64_t{1}));
  EXPECT_EQ(rows[3].method, 3u);
}

TEST(CallStatsTest, TheFirstCallsMayRace) {
  CallStats stats(1);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&stats] {
      for (int i = 0; i < 1000; ++i) stats.Ended(0, Door::kHttp, i, absl::OkStatus());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stats.Rows().at(0).latency.count(), 4000);
}

}  // namespace
}  // namespace voxeld
