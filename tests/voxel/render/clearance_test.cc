#include "voxel/render/clearance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "voxel/grid/volume_editor.h"
#include "voxel/render/camera.h"

namespace voxel {
namespace {

constexpr Color kRed = 0xCC3333FF;

// Compares Start with the first hits of many rays around the middle one, from many sides.
void ExpectSafe(const Volume& volume, double radius, size_t max_cubes, double spread) {
  const OccupancyIndex index = *OccupancyIndex::Build(volume, {});
  const Clearance clearance(index, radius, max_cubes);
  std::mt19937 random(5);
  std::uniform_real_distribution<double> part(-1, 1);
  int hits = 0;
  for (int i = 0; i < 400; ++i) {
    const Vec3 d = Normalize({part(random), part(random), part(random)});
    const Camera camera =
        FitCamera(*ParseView("front", ""), volume.Bounds(), index.origin(), 64, 64);
    const Vec3 middle = camera.center + Vec3{part(random), part(random), part(random)} * spread;
    const RayDirection direction(d);
    const std::optional<double> start = clearance.Start(direction, middle);
    for (int j = 0; j < 20; ++j) {
      const Vec3 aside = Normalize(Cross(d, {part(random), part(random), part(random)}));
      const Vec3 origin = middle + aside * (radius * std::abs(part(random)));
      RayWalk walk(index, direction, origin);
      WalkHit hit;
      if (!walk.Next(hit)) continue;
      ++hits;
      ASSERT_TRUE(start.has_value());
      ASSERT_LE(*start, hit.t);
      RayWalk late(index, direction, origin, *start);
      WalkHit again;
      ASSERT_TRUE(late.Next(again));
      EXPECT_EQ(again.voxel, hit.voxel);
      EXPECT_EQ(again.axis, hit.axis);
    }
  }
  EXPECT_GT(hits, 20);
}

Volume Scattered(uint32_t seed) {
  std::mt19937 random(seed);
  VolumeEditor editor{Volume()};
  for (int i = 0; i < 60; ++i) {
    editor.Set({int32_t(random() % 300) - 100, int32_t(random() % 200), int32_t(random() % 90)},
               kRed);
  }
  editor.PutCube({64, 64, 0}, 64, kRed);
  editor.PutCube({-64, 0, 16}, 16, kRed);
  return editor.Commit();
}

TEST(ClearanceTest, NoRayOfTheTileMeetsAVoxelBeforeTheStart) {
  for (const double radius : {0.5, 5.0, 15.8, 16.5, 70.0}) {
    ASSERT_NO_FATAL_FAILURE(ExpectSafe(Scattered(1), radius, 100000, 90));
    ASSERT_NO_FATAL_FAILURE(ExpectSafe(Scattered(2), radius, 10, 90));
  }
}

TEST(ClearanceTest, OneVoxelAnywhereIsFound) {
  for (const Coord at : {Coord{0, 0, 0}, Coord{kMinCoord, kMaxCoord - 1, 5}, Coord{-1, 15, 16}}) {
    VolumeEditor editor{Volume()};
    editor.Set(at, kRed);
    ASSERT_NO_FATAL_FAILURE(ExpectSafe(editor.Commit(), 5, 1000, 4));
  }
}

TEST(ClearanceTest, TilesThatMeetNothingAreKnown) {
  VolumeEditor editor{Volume()};
  editor.Set({0, 0, 0}, kRed);
  editor.Set({1000, 0, 0}, kRed);
  const Volume volume = editor.Commit();
  const OccupancyIndex index = *OccupancyIndex::Build(volume, {});
  const Clearance clearance(index, 5, 1000);
  const RayDirection down({0, 0, -1});
  EXPECT_FALSE(clearance.Start(down, {500, 0.5, 0}).has_value());
  EXPECT_FALSE(clearance.Start(down, {0.5, 40, 0}).has_value());
  EXPECT_TRUE(clearance.Start(down, {1004, 0.5, 0}).has_value());
}

TEST(ClearanceTest, CubesAreAsFewAsAskedFor) {
  VolumeEditor editor{Volume()};
  for (int32_t i = 0; i < 64; ++i) editor.Set({i * 16, 0, 0}, kRed);
  const Volume volume = editor.Commit();
  const OccupancyIndex index = *OccupancyIndex::Build(volume, {});
  EXPECT_EQ(index.CubesAt(2).size(), 64u);
  EXPECT_EQ(index.CubesAt(3).size(), 16u);
  // With cubes of 64 the start lies up to 64 + 64 before the row, with cubes of 16 up to 32.
  const RayDirection down({0, 0, -1});
  const double fine = *Clearance(index, 5, 64).Start(down, {500, 8, 0});
  const double coarse = *Clearance(index, 5, 63).Start(down, {500, 8, 0});
  EXPECT_EQ(fine, -32);
  EXPECT_EQ(coarse, -128);
}

}  // namespace
}  // namespace voxel
