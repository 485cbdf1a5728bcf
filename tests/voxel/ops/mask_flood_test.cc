#include "voxel/ops/mask_flood.h"

#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace voxel {
namespace {

BrickMask RandomMask(std::mt19937_64& rng, int of_eight) {
  BrickMask mask;
  for (int i = 0; i < kBrickVoxels; ++i) {
    if (static_cast<int>(rng() % 8) < of_eight) mask.Set(i);
  }
  return mask;
}

// One voxel at a time.
BrickMask SlowFlood(const BrickMask& open, const BrickMask& start) {
  BrickMask region = start;
  std::vector<int> queue;
  for (int i = 0; i < kBrickVoxels; ++i) {
    if (start.Get(i)) queue.push_back(i);
  }
  while (!queue.empty()) {
    const int i = queue.back();
    queue.pop_back();
    for (int axis = 0; axis < 3; ++axis) {
      const int at = i >> (4 * axis) & 15;
      for (int side : {-1, 1}) {
        const int next = i + side * (1 << (4 * axis));
        if (at + side < 0 || at + side > 15 || !open.Get(next) || region.Get(next)) continue;
        region.Set(next);
        queue.push_back(next);
      }
    }
  }
  return region;
}

TEST(MaskFloodTest, FillsWhatAWalkReaches) {
  std::mt19937_64 rng(7);
  for (int round = 0; round < 200; ++round) {
    const BrickMask open = RandomMask(rng, 1 + round % 8);
    BrickMask region;
    for (int i = 0; i < 3; ++i) {
      const int at = static_cast<int>(rng() % kBrickVoxels);
      if (open.Get(at)) region.Set(at);
    }
    const BrickMask want = SlowFlood(open, region);
    FloodMask(open, region);
    EXPECT_EQ(region, want);
  }
}

TEST(MaskFloodTest, CrossingAFaceLandsOnTheOppositeSide) {
  std::mt19937_64 rng(8);
  const BrickMask mask = RandomMask(rng, 4);
  for (int axis = 0; axis < 3; ++axis) {
    for (bool high : {false, true}) {
      const BrickMask crossed = CrossFace(mask, axis, high);
      for (int i = 0; i < kBrickVoxels; ++i) {
        const bool lands = (i >> (4 * axis) & 15) == (high ? 0 : 15);
        const int from = i ^ (15 << (4 * axis));  // 0 and 15 swap
        EXPECT_EQ(crossed.Get(i), lands && mask.Get(from));
      }
    }
  }
}

}  // namespace
}  // namespace voxel
