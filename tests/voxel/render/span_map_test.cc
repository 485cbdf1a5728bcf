#include "voxel/render/span_map.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <tuple>

#include "tests/support/colors.h"
#include "voxel/base/error.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/render/camera.h"
#include "voxel/render/first_cubes.h"

namespace voxel {
namespace {

constexpr Color kGlass = 0x3333CC80;

Vec3 MiddleOf(const OccupancyIndex& index) {
  return {(double(index.low().x) + index.high().x) / 2,
          (double(index.low().y) + index.high().y) / 2,
          (double(index.low().z) + index.high().z) / 2};
}

SpanMap MapOf(const OccupancyIndex& index, const RayDirection& direction, double cell,
              size_t most) {
  return *SpanMap::Build(index, direction, AxesAcross(direction.d), cell, most, {}, {});
}

// Compares the spans of rays from many sides with what whole walks along them meet: the first
// voxel, and all of them where something is translucent.
void ExpectSafe(const Volume& volume, double cell, size_t most, double spread) {
  const OccupancyIndex index = *OccupancyIndex::Build(volume, {});
  std::mt19937 random(5);
  std::uniform_real_distribution<double> part(-1, 1);
  int hits = 0;
  for (int i = 0; i < 32; ++i) {
    Vec3 d{part(random), part(random), part(random)};
    if (i % 4 == 1) d[i / 4 % 3] = 0;
    if (i % 4 == 2)
      d = d * 0 + Vec3{i % 3 == 0 ? 1.0 : 0, i % 3 == 1 ? -1.0 : 0, i % 3 == 2 ? 1.0 : 0};
    const RayDirection direction(Normalize(d));
    const SpanMap map = MapOf(index, direction, cell, most);
    for (int j = 0; j < 60; ++j) {
      const Vec3 origin = MiddleOf(index) + Vec3{part(random), part(random), part(random)} * spread;
      const SpanMap::Span span = map.Of(origin);
      RayWalk whole(index, direction, origin);
      RayWalk within(index, direction, origin, span.begin, span.end);
      WalkHit hit;
      WalkHit again;
      while (whole.Next(hit)) {
        ++hits;
        ASSERT_LE(span.begin, hit.t);
        ASSERT_GT(span.end, hit.t);
        ASSERT_TRUE(within.Next(again));
        EXPECT_EQ(again.voxel, hit.voxel);
        EXPECT_EQ(again.axis, hit.axis);
        if (!index.translucent()) break;
      }
    }
  }
  EXPECT_GT(hits, 20);
}

Volume Scattered(uint32_t seed, Color color) {
  std::mt19937 random(seed);
  VolumeEditor editor{Volume()};
  for (int i = 0; i < 60; ++i) {
    editor.Set({int32_t(random() % 300) - 100, int32_t(random() % 200), int32_t(random() % 90)},
               color);
  }
  for (int i = 0; i < 2000; ++i) {  // a crowd, with voxels that hide others
    editor.Set({int32_t(random() % 20), int32_t(random() % 20), int32_t(random() % 20)}, kRed);
  }
  editor.PutCube({64, 64, 0}, 64, kRed);
  editor.PutCube({-64, 0, 16}, 16, color);
  editor.PutCube({-48, 0, 16}, 16, kRed);
  editor.PutCube({256, 0, 0}, 256, color);
  return editor.Commit();
}

TEST(SpanMapTest, HoldsWhatRaysMeet) {
  for (const Color color : {kRed, kGlass}) {
    for (const size_t most : {size_t{1000000}, size_t{3000}, size_t{10}}) {
      for (const double cell : {0.7, 7.0}) {
        SCOPED_TRACE(std::to_string(most) + " cubes, cells of " + std::to_string(cell));
        ASSERT_NO_FATAL_FAILURE(ExpectSafe(Scattered(1, color), cell, most, 120));
      }
    }
  }
}

TEST(SpanMapTest, OneVoxelAnywhereIsFound) {
  for (const Coord at : {Coord{0, 0, 0}, Coord{kMinCoord, kMaxCoord - 1, 5}, Coord{-1, 15, 16}}) {
    VolumeEditor editor{Volume()};
    editor.Set(at, kRed);
    ASSERT_NO_FATAL_FAILURE(ExpectSafe(editor.Commit(), 0.5, 1000, 0.6));
  }
}

TEST(SpanMapTest, VoxelsAtBothEndsOfTheWorldAreFound) {
  VolumeEditor editor{Volume()};
  editor.Set({kMinCoord, kMinCoord, kMinCoord}, kRed);
  editor.Set({kMaxCoord - 1, kMinCoord, kMinCoord}, kRed);
  const Volume volume = editor.Commit();
  const OccupancyIndex index = *OccupancyIndex::Build(volume, {});
  const RayDirection along({1, 0, 0});
  const SpanMap map = MapOf(index, along, 1, 1000);
  const SpanMap::Span span = map.Of({5, 0.5, 0.5});
  EXPECT_LE(span.begin, -5);
  EXPECT_GT(span.begin, -3000);
  EXPECT_GT(span.end, double(uint32_t{1} << 31) - 6);
  const SpanMap::Span past = map.Of({5, 70000.5, 0.5});
  EXPECT_GE(past.begin, past.end);
}

TEST(SpanMapTest, RaysThatMeetNothingAreKnown) {
  VolumeEditor editor{Volume()};
  editor.Set({0, 0, 0}, kRed);
  editor.Set({1000, 0, 0}, kRed);
  const Volume volume = editor.Commit();
  const OccupancyIndex index = *OccupancyIndex::Build(volume, {});
  const SpanMap map = MapOf(index, RayDirection({0, 0, -1}), 1, 1000);
  const auto meets = [&map](Vec3 origin) {
    const SpanMap::Span span = map.Of(origin);
    return span.begin < span.end;
  };
  EXPECT_FALSE(meets({500, 0.5, 0}));
  EXPECT_FALSE(meets({0.5, 40, 0}));
  EXPECT_TRUE(meets({0.5, 0.5, 0}));
  EXPECT_TRUE(meets({1000.5, 0.5, 0}));
}

TEST(SpanMapTest, FineMapsAreTight) {
  VolumeEditor editor{Volume()};
  for (int32_t y = 0; y < 40; ++y) {
    for (int32_t x = 0; x < 40; ++x) editor.Set({x, y, 3}, kRed);
  }
  const Volume volume = editor.Commit();
  const OccupancyIndex index = *OccupancyIndex::Build(volume, {});
  const SpanMap::Span span = MapOf(index, RayDirection({0, 0, -1}), 1, 100000).Of({20.5, 20.5, 10});
  EXPECT_NEAR(span.begin, 6, 0.1);  // the top is at z = 4
  EXPECT_NEAR(span.end, 7, 0.1);
}

TEST(SpanMapTest, StopsWhenCancelled) {
  VolumeEditor editor{Volume()};
  editor.Set({0, 0, 0}, kRed);
  const Volume volume = editor.Commit();
  CancelToken cancel;
  cancel.Cancel();
  TaskContext context;
  context.cancel = &cancel;
  const RayDirection down({0, 0, -1});
  const OccupancyIndex index = *OccupancyIndex::Build(volume, {});
  EXPECT_EQ(ReasonOf(SpanMap::Build(index, down, AxesAcross(down.d), 1, 10, {}, context).status()),
            "CALL_CANCELLED");
}

TEST(FirstCubesTest, VoxelsAreThoseThatRaysCanEnter) {
  const Volume volume = Scattered(3, kRed);
  const OccupancyIndex index = *OccupancyIndex::Build(volume, {});
  for (const Vec3 d : {Vec3{1, 1, 1}, Vec3{-1, 2, -3}, Vec3{0, -1, 1}, Vec3{0, 0, -1}}) {
    const FirstCubes first = FindFirstCubes(index, d, 1000000);
    EXPECT_EQ(first.side, 1);
    std::set<std::tuple<int, int, int>> found;
    for (const OccupancyIndex::Cube& cube : first.cubes) {
      const Coord c = index.CoordOf(cube.low);
      if (cube.size == 1) found.insert({c.x, c.y, c.z});
    }
    const Box around{{-70, -5, -5}, {140, 140, 70}};
    for (int32_t z = around.min.z; z < around.max.z; ++z) {
      for (int32_t y = around.min.y; y < around.max.y; ++y) {
        for (int32_t x = around.min.x; x < around.max.x; ++x) {
          const Coord at{x, y, z};
          bool enters = false;
          for (int axis = 0; axis < 3; ++axis) {
            Coord before = at;
            before[axis] -= d[axis] > 0 ? 1 : -1;
            enters = enters || (d[axis] != 0 && volume.Get(before) == kAir);
          }
          ASSERT_EQ(found.count({x, y, z}) == 1, volume.Get(at) != kAir && enters)
              << x << "," << y << "," << z << " along " << d.x << "," << d.y << "," << d.z;
        }
      }
    }
  }
}

TEST(FirstCubesTest, CubesAreAsFewAsAskedFor) {
  VolumeEditor editor{Volume()};
  for (int32_t i = 0; i < 64; ++i) editor.Set({i * 16, 0, 0}, kRed);
  const Volume volume = editor.Commit();
  const OccupancyIndex index = *OccupancyIndex::Build(volume, {});
  const auto side = [&index](size_t most) {
    const FirstCubes first = FindFirstCubes(index, {0, 0, 1}, most);
    EXPECT_LE(first.cubes.size(), most);
    return first.side;
  };
  EXPECT_EQ(side(2048), 1);
  EXPECT_EQ(side(2047), 16);
  EXPECT_EQ(side(64), 16);
  EXPECT_EQ(side(63), 64);
  EXPECT_EQ(side(15), 256);
}

TEST(FirstCubesTest, TranslucentScenesKeepWhatIsBehind) {
  VolumeEditor editor{Volume()};
  for (int32_t x = 0; x < 40; ++x) editor.Set({x, 0, 0}, kGlass);
  const Volume volume = editor.Commit();
  const FirstCubes first = FindFirstCubes(*OccupancyIndex::Build(volume, {}), {1, 0, 0}, 1000000);
  EXPECT_EQ(first.side, 4);
  EXPECT_EQ(first.cubes.size(), 10u);
}

}  // namespace
}  // namespace voxel
