#include "voxel/render/ray_walk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/colors.h"
#include "voxel/base/error.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/render/camera.h"

namespace voxel {
namespace {

constexpr double kTouch = 1e-6;  // rays that pass this little of a voxel may find it or not

// The naive way: every voxel against the ray.
struct Crossing {
  Coord voxel;
  double in;
  double out;
};

std::vector<Crossing> CrossAll(const std::vector<Coord>& voxels, Vec3 origin, Vec3 d) {
  std::vector<Crossing> all;
  for (const Coord& voxel : voxels) {
    double in = -1e30;
    double out = 1e30;
    for (int axis = 0; axis < 3; ++axis) {
      const double low = voxel[axis] - origin[axis];
      if (d[axis] == 0) {
        if (low > 0 || low + 1 <= 0) out = -1e30;
        continue;
      }
      const double a = low / d[axis];
      const double b = (low + 1) / d[axis];
      in = std::max(in, std::min(a, b));
      out = std::min(out, std::max(a, b));
    }
    if (in <= out + kTouch) all.push_back({voxel, in, out});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.in < b.in; });
  return all;
}

std::vector<Coord> VoxelsOf(const Volume& volume) {
  std::vector<Coord> voxels;
  volume.ForEachCell(kWorld, [&](const Cell& cell) {
    const Box box = cell.box();
    for (int32_t z = box.min.z; z < box.max.z; ++z) {
      for (int32_t y = box.min.y; y < box.max.y; ++y) {
        for (int32_t x = box.min.x; x < box.max.x; ++x) {
          if (volume.Get({x, y, z}) != kAir) voxels.push_back({x, y, z});
        }
      }
    }
    return true;
  });
  return voxels;
}

Volume Random(std::vector<Coord>& voxels, uint32_t seed) {
  std::mt19937 random(seed);
  VolumeEditor editor{Volume()};
  const Coord base{int32_t(random() % 200) - 100, int32_t(random() % 200) - 100,
                   int32_t(random() % 200) - 100};
  const uint32_t spread = seed % 2 == 0 ? 9 : 70;  // dense, or over many bricks
  for (int i = 0; i < 300; ++i) {
    editor.Set(base + Coord{int32_t(random() % spread), int32_t(random() % spread),
                            int32_t(random() % spread)},
               kRed);
  }
  Volume volume = editor.Commit();
  voxels = VoxelsOf(volume);
  return volume;
}

OccupancyIndex IndexOf(const Volume& volume) { return *OccupancyIndex::Build(volume, {}); }

// Walks the whole ray and compares with CrossAll: the same voxels in the same order at the same
// places.
void ExpectSameWalk(const OccupancyIndex& index, const std::vector<Coord>& voxels, Vec3 origin,
                    Vec3 d) {
  const RayDirection direction(d);
  RayWalk walk(index, direction, origin);
  const Coord shift = index.origin();
  const Vec3 absolute = origin + Vec3{double(shift.x), double(shift.y), double(shift.z)};
  std::vector<Crossing> expected = CrossAll(voxels, absolute, d);
  size_t found = 0;
  double last = -1e30;
  double last_out = -1e30;
  for (WalkHit hit; walk.Next(hit);) {
    const Coord voxel = index.CoordOf(hit.voxel);
    const auto match = std::find_if(expected.begin(), expected.end(),
                                    [&](const Crossing& c) { return c.voxel == voxel; });
    ASSERT_NE(match, expected.end()) << voxel.x << "," << voxel.y << "," << voxel.z;
    ASSERT_NEAR(hit.t, match->in, kTouch);
    ASSERT_GE(hit.t, last - kTouch);
    // The entry face: the ray crosses its plane there.
    const double plane = d[hit.axis] > 0 ? voxel[hit.axis] : voxel[hit.axis] + 1;
    ASSERT_NEAR(absolute[hit.axis] + d[hit.axis] * hit.t, plane, kTouch);
    const bool gap = hit.t - last_out > kTouch;
    ASSERT_FALSE(gap && hit.adjacent);
    last = hit.t;
    last_out = match->out;
    match->voxel = {kMaxCoord, 0, 0};  // each is met once
    ++found;
  }
  for (const Crossing& crossing : expected) {
    const bool met = crossing.voxel.x == kMaxCoord;
    ASSERT_TRUE(met || crossing.out - crossing.in <= kTouch)
        << "missed " << crossing.voxel.x << "," << crossing.voxel.y << "," << crossing.voxel.z
        << " after " << found;
  }
}

void ExpectSameFromAllSides(const Volume& volume, const std::vector<Coord>& voxels, int side) {
  const OccupancyIndex index = IndexOf(volume);
  for (const char* name : {"front", "back", "left", "right", "top", "bottom", "iso", "orbit:33,12",
                           "orbit:200,-50", "orbit:135,35.2643897"}) {
    const Camera camera =
        FitCamera(*ParseView(name, ""), volume.Bounds(), index.origin(), side, side);
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        SCOPED_TRACE(std::string(name) + " pixel " + std::to_string(x) + "," + std::to_string(y));
        ASSERT_NO_FATAL_FAILURE(ExpectSameWalk(index, voxels, camera.RayOrigin(x + 0.5, y + 0.5),
                                               camera.orientation.forward));
      }
    }
  }
}

TEST(RayWalkTest, MeetsWhatBruteForceMeetsInRandomVolumes) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    std::vector<Coord> voxels;
    const Volume volume = Random(voxels, seed);
    ASSERT_NO_FATAL_FAILURE(ExpectSameFromAllSides(volume, voxels, 24)) << "seed " << seed;
  }
}

TEST(RayWalkTest, MeetsTheVoxelsOfUniformCubes) {
  VolumeEditor editor{Volume()};
  editor.PutCube({-16, 0, 16}, 16, kRed);
  editor.Set({0, 0, 15}, kRed);
  editor.Set({3, 20, 40}, 0x0000FFFF);
  const Volume volume = editor.Commit();
  ASSERT_NO_FATAL_FAILURE(ExpectSameFromAllSides(volume, VoxelsOf(volume), 12));
}

TEST(RayWalkTest, LargeCubesBesideSmallThingsAreEnteredAtTheirFace) {
  VolumeEditor editor{Volume()};
  editor.PutCube({-1024, 0, 0}, 1024, kRed);
  editor.PutCube({64, 64, 64}, 64, kRed);
  editor.Set({-2000, 5, 5}, kRed);
  const Volume volume = editor.Commit();
  const OccupancyIndex index = IndexOf(volume);
  const auto first = [&](Vec3 from, Vec3 d) {
    const Coord shift = index.origin();
    const RayDirection direction(d);
    RayWalk walk(index, direction, from - Vec3{double(shift.x), double(shift.y), double(shift.z)});
    WalkHit hit;
    EXPECT_TRUE(walk.Next(hit));
    return index.CoordOf(hit.voxel);
  };
  EXPECT_EQ(first({0, 500.5, 700.5}, {-1, 0, 0}), (Coord{-1, 500, 700}));
  EXPECT_EQ(first({0, 500.5, 700.5}, {1, 0, 0}), (Coord{-1024, 500, 700}));
  EXPECT_EQ(first({100.5, 0, 99.5}, {0, 1, 0}), (Coord{100, 64, 99}));
  EXPECT_EQ(first({0, 5.5, 5.5}, {1, 0, 0}), (Coord{-2000, 5, 5}));
}

TEST(RayWalkTest, CrossesTheWholeWorldInFewSteps) {
  VolumeEditor editor{Volume()};
  const Coord ends[] = {{kMinCoord, kMinCoord, kMinCoord}, {kMaxCoord - 1, kMinCoord, kMinCoord}};
  for (const Coord& end : ends) editor.Set(end, kRed);
  const Volume volume = editor.Commit();
  const OccupancyIndex index = IndexOf(volume);
  const RayDirection direction({1, 0, 0});
  RayWalk walk(index, direction, {0, 0.5, 0.5});
  WalkHit hit;
  ASSERT_TRUE(walk.Next(hit));
  EXPECT_EQ(index.CoordOf(hit.voxel), ends[0]);
  ASSERT_TRUE(walk.Next(hit));
  EXPECT_EQ(index.CoordOf(hit.voxel), ends[1]);
  EXPECT_EQ(hit.t, double(uint32_t{1} << 31) - 1);
  EXPECT_FALSE(hit.adjacent);
  EXPECT_FALSE(walk.Next(hit));
  EXPECT_FALSE(walk.Next(hit));
}

TEST(RayWalkTest, AWalkFromAVoxelSkipsThatVoxel) {
  VolumeEditor editor{Volume()};
  for (int32_t x = 0; x < 40; ++x) editor.Set({x, 0, 0}, kRed);
  const Volume volume = editor.Commit();
  const OccupancyIndex index = IndexOf(volume);
  const RayDirection direction({1, 0, 0});
  RayWalk walk(index, direction, {17.25, 0.5, 0.5}, {17, 0, 0});
  WalkHit hit;
  for (uint32_t x = 18; x < 40; ++x) {
    ASSERT_TRUE(walk.Next(hit));
    EXPECT_EQ(hit.voxel, (Position{x, 0, 0}));
    EXPECT_EQ(hit.axis, 0);
    EXPECT_TRUE(hit.adjacent);
  }
  EXPECT_FALSE(walk.Next(hit));
}

TEST(OccupancyIndexTest, AgreesWithTheVolume) {
  std::vector<Coord> voxels;
  const Volume volume = Random(voxels, 7);
  const OccupancyIndex index = IndexOf(volume);
  OccupancyReader reader(index);
  OccupancyReader neighbours(index);
  const Box around = {volume.Bounds().min + Coord{-3, -3, -3},
                      volume.Bounds().max + Coord{3, 3, 3}};
  for (int32_t z = around.min.z; z < around.max.z; ++z) {
    for (int32_t y = around.min.y; y < around.max.y; ++y) {
      for (int32_t x = around.min.x; x < around.max.x; ++x) {
        const Coord d = Coord{x, y, z} - index.origin();
        const Position p{uint32_t(d.x), uint32_t(d.y), uint32_t(d.z)};
        ASSERT_EQ(reader.Occupied(p), volume.Get({x, y, z}) != kAir) << x << "," << y << "," << z;
        for (const int axis : {0, 1, 2}) {
          const uint32_t bits = neighbours.Around(p, axis);
          for (int i = 0; i < 8; ++i) {
            Coord at{x, y, z};
            at[(axis + 1) % 3] += OccupancyReader::kAround[i][0];
            at[(axis + 2) % 3] += OccupancyReader::kAround[i][1];
            ASSERT_EQ((bits >> i & 1) != 0, volume.Get(at) != kAir) << at.x << "," << at.y;
          }
        }
      }
    }
  }
}

TEST(OccupancyIndexTest, KnowsWhetherAnythingIsTranslucent) {
  VolumeEditor editor{Volume()};
  editor.Set({1, 2, 3}, kRed);
  EXPECT_FALSE(IndexOf(editor.Snapshot()).translucent());
  editor.Set({1, 2, 4}, 0x00FF0080);
  EXPECT_TRUE(IndexOf(editor.Snapshot()).translucent());
  editor.Set({1, 2, 4}, kAir);
  editor.PutCube({64, 0, 0}, 64, 0x00FF00FE);
  EXPECT_TRUE(IndexOf(editor.Commit()).translucent());
}

TEST(OccupancyIndexTest, StopsWhenCancelled) {
  VolumeEditor editor{Volume()};
  editor.Set({1, 2, 3}, kRed);
  CancelToken cancel;
  cancel.Cancel();
  TaskContext context;
  context.cancel = &cancel;
  EXPECT_EQ(ReasonOf(OccupancyIndex::Build(editor.Commit(), context).status()), "CALL_CANCELLED");
}

}  // namespace
}  // namespace voxel
