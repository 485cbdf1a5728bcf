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

constexpr Neighbours kAllKinds[] = {Neighbours::kFaces, Neighbours::kEdges, Neighbours::kCorners};

Coord At(int i) { return {i & 15, i >> 4 & 15, i >> 8}; }

// The steps to the neighbours of a voxel.
std::vector<Coord> StepsTo(Neighbours neighbours) {
  const int most = neighbours == Neighbours::kFaces ? 1 : neighbours == Neighbours::kEdges ? 2 : 3;
  std::vector<Coord> steps;
  for (int i = 0; i < 27; ++i) {
    const Coord d{i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1};
    const int off = (d.x != 0) + (d.y != 0) + (d.z != 0);
    if (off > 0 && off <= most) steps.push_back(d);
  }
  return steps;
}

// One voxel at a time.
BrickMask SlowFlood(const BrickMask& open, const BrickMask& start, Neighbours neighbours) {
  BrickMask region = start;
  std::vector<int> queue;
  for (int i = 0; i < kBrickVoxels; ++i) {
    if (start.Get(i)) queue.push_back(i);
  }
  while (!queue.empty()) {
    const int i = queue.back();
    queue.pop_back();
    for (const Coord& step : StepsTo(neighbours)) {
      const Coord to = At(i) + step;
      if (((to.x | to.y | to.z) & ~15) != 0) continue;
      const int next = BrickIndex(to.x, to.y, to.z);
      if (!open.Get(next) || region.Get(next)) continue;
      region.Set(next);
      queue.push_back(next);
    }
  }
  return region;
}

TEST(MaskFloodTest, FillsWhatAWalkReaches) {
  std::mt19937_64 rng(7);
  for (int round = 0; round < 300; ++round) {
    const Neighbours neighbours = kAllKinds[round % 3];
    const BrickMask open = RandomMask(rng, 1 + round % 8);
    BrickMask region;
    for (int i = 0; i < 3; ++i) {
      const int at = static_cast<int>(rng() % kBrickVoxels);
      if (open.Get(at)) region.Set(at);
    }
    const BrickMask want = SlowFlood(open, region, neighbours);
    FloodMask(open, neighbours, region);
    EXPECT_EQ(region, want) << round;
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

TEST(MaskFloodTest, CrossingASideFindsTheNeighboursBeyond) {
  std::mt19937_64 rng(9);
  for (int side = 0; side < 27; ++side) {
    const Coord to{side % 3 - 1, side / 3 % 3 - 1, side / 9 - 1};
    if (StepsOf(to) == 0) continue;
    for (const Neighbours neighbours : kAllKinds) {
      const BrickMask mask = RandomMask(rng, 2);
      const BrickMask crossed = CrossSide(mask, to, neighbours);
      for (int i = 0; i < kBrickVoxels; ++i) {
        bool beside = false;
        for (const Coord& step : StepsTo(neighbours)) {
          const Coord from = At(i) + Coord{16 * to.x, 16 * to.y, 16 * to.z} + step;
          if (((from.x | from.y | from.z) & ~15) != 0) continue;
          beside = beside || mask.Get(BrickIndex(from.x, from.y, from.z));
        }
        ASSERT_EQ(crossed.Get(i), beside) << side << " " << static_cast<int>(neighbours);
      }
    }
  }
}

}  // namespace
}  // namespace voxel
