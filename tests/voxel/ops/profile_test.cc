#include "voxel/ops/profile.h"

#include "inspect_fixture.h"

namespace voxel {
namespace {

TEST(ProfileTest, NothingHasNoProfile) {
  const Occupancy found = Got(CountOccupied(Volume(), kWorld, TaskContext()));
  EXPECT_EQ(found.voxels, 0);
  EXPECT_TRUE(found.bounds.empty());
  for (const AxisProfile& profile : Got(ProfileOf(Volume(), found.bounds, 8, TaskContext()))) {
    EXPECT_TRUE(profile.voxels.empty());
  }
}

TEST(ProfileTest, CountsVoxelByVoxel) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    InspectedVolume at(seed);
    const Box box = seed % 2 == 0 ? kWorld : at.random.AnyBox(24);
    Occupancy wanted;
    for (const auto& [c, color] : at.voxels) {
      if (!box.Contains(c)) continue;
      ++wanted.voxels;
      wanted.bounds = wanted.bounds.Union(BoxAt(c));
    }
    const Occupancy found = Got(CountOccupied(at.volume, box, TaskContext()));
    EXPECT_EQ(found.voxels, wanted.voxels);
    EXPECT_EQ(found.bounds, wanted.bounds);
    if (wanted.voxels == 0) continue;

    const int64_t most = 1 + at.random.Below(40);
    const auto profiles = Got(ProfileOf(at.volume, found.bounds, most, TaskContext()));
    for (int axis = 0; axis < 3; ++axis) {
      const AxisProfile& profile = profiles[static_cast<size_t>(axis)];
      EXPECT_EQ(profile.from, found.bounds.min[axis]);
      EXPECT_LE(static_cast<int64_t>(profile.voxels.size()), most);
      // As small as fits.
      EXPECT_TRUE(profile.bucket == 1 ||
                  (found.bounds.Size(axis) + profile.bucket - 2) / (profile.bucket - 1) > most);
      std::vector<int64_t> counts(profile.voxels.size());
      for (const auto& [c, color] : at.voxels) {
        if (!found.bounds.Contains(c)) continue;
        ++counts.at(static_cast<size_t>((c[axis] - profile.from) / profile.bucket));
      }
      EXPECT_EQ(profile.voxels, counts) << seed << " axis " << axis;
    }
  }
}

TEST(ProfileTest, AHugeBoxCostsItsCorners) {
  VolumeEditor editor{Volume()};
  for (int i = 0; i < 4; ++i) editor.PutCube({i * 1024, 0, 0}, 1024, Rgba(1, 2, 3));
  const Volume volume = editor.Commit();
  const auto profiles = Got(ProfileOf(volume, volume.Bounds(), 5, TaskContext()));
  EXPECT_EQ(profiles[0].bucket, 820);
  EXPECT_EQ(profiles[0].voxels, (std::vector<int64_t>{820LL << 20, 820LL << 20, 820LL << 20,
                                                      820LL << 20, 816LL << 20}));
  EXPECT_EQ(profiles[2].voxels.back(), (1024 - 4 * 205) * (int64_t{4} << 20));
}

TEST(ProfileTest, StopsWhenTold) {
  const Volume volume = Shell({{0, 0, 0}, {40, 40, 40}}, Rgba(1, 2, 3));
  EXPECT_EQ(ReasonOf(CountOccupied(volume, {{1, 0, 0}, {9, 9, 9}}, Cancelled()).status()),
            "CALL_CANCELLED");
  EXPECT_EQ(ReasonOf(ProfileOf(volume, volume.Bounds(), 4, Cancelled()).status()),
            "CALL_CANCELLED");
}

}  // namespace
}  // namespace voxel
