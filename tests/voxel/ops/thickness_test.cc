#include "voxel/ops/thickness.h"

#include <set>

#include "inspect_fixture.h"

namespace voxel {
namespace {

uint32_t RunAlong(const InspectedVolume& at, Coord c, int axis) {
  uint32_t run = 1;
  for (const int step : {-1, 1}) {
    Coord next = c;
    for (next[axis] += step; at.Solid(next); next[axis] += step) ++run;
  }
  return run;
}

TEST(ThicknessTest, AgreesWithRunsVoxelByVoxel) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    InspectedVolume at(seed);
    const auto thickness = static_cast<uint32_t>(1 + seed % kMostThickness);
    ThinVoxels wanted;
    std::set<Coord> thin;
    for (const auto& [c, color] : at.voxels) {
      bool any = false;
      for (int axis = 0; axis < 3; ++axis) {
        if (RunAlong(at, c, axis) >= thickness) continue;
        ++wanted.along[static_cast<size_t>(axis)];
        any = true;
      }
      if (!any) continue;
      ++wanted.voxels;
      wanted.bounds = wanted.bounds.Union(BoxAt(c));
      thin.insert(c);
    }
    const ThinVoxels found = Got(FindThin(at.volume, thickness, 1 << 20, TaskContext()));
    EXPECT_EQ(found.voxels, wanted.voxels) << seed;
    EXPECT_EQ(found.along, wanted.along) << seed;
    EXPECT_EQ(found.bounds, wanted.bounds) << seed;
    EXPECT_EQ(std::set<Coord>(found.samples.begin(), found.samples.end()), thin) << seed;
  }
}

TEST(ThicknessTest, AWallIsAsThickAsItIsWhereverItStands) {
  for (int32_t from = 0; from < 16; ++from) {
    const Box wall{{from, -100, 0}, {from + 5, 100, 60}};
    const Volume volume = AppliedTo(Volume(), {EditOf(FillBox{wall, Rgba(9, 9, 9), 0})});
    EXPECT_EQ(Got(FindThin(volume, 5, 4, TaskContext())).voxels, 0) << from;
    const ThinVoxels found = Got(FindThin(volume, 6, 4, TaskContext()));
    EXPECT_EQ(found.voxels, wall.Voxels()) << from;
    EXPECT_EQ(found.along, (std::array<int64_t, 3>{wall.Voxels(), 0, 0}));
    EXPECT_EQ(found.samples.size(), 4u);
  }
}

TEST(ThicknessTest, StopsWhenTold) {
  const Volume volume = Shell({{0, 0, 0}, {9, 9, 9}}, Rgba(1, 2, 3));
  EXPECT_EQ(ReasonOf(FindThin(volume, 2, 4, Cancelled()).status()), "CALL_CANCELLED");
}

}  // namespace
}  // namespace voxel
