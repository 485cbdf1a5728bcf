#include "voxel/grid/set_in_brick.h"

#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

// What the large transaction makes of the same places.
Volume ByEditor(const Volume& base, const std::vector<Coord>& places,
                const std::vector<Color>& colors) {
  VolumeEditor editor(base);
  editor.SetMany(places, colors);
  return editor.Commit();
}

void ExpectSame(const BrickChange& change, const Volume& base, const Volume& expected) {
  EXPECT_TRUE(SameVoxels(change.volume, expected));
  EXPECT_EQ(change.volume.ContentHash(), expected.ContentHash());
  EXPECT_EQ(change.volume.CountVoxels(), expected.CountVoxels());
  EXPECT_EQ(change.volume.Bytes(), expected.Bytes());
  const VolumeDiff diff = Diff(base, expected);
  EXPECT_EQ(change.changed, diff.total());
  EXPECT_EQ(change.bounds, diff.bounds);
  EXPECT_EQ(change.let_go_bytes, base.BytesNotIn(change.volume));
  if (change.changed == 0) {
    EXPECT_TRUE(change.volume.SharesRoot(base));
  }
}

TEST(SetInBrickTest, RandomSetsAreWhatTheEditorMakesOfThem) {
  std::mt19937 random(1);
  const auto below = [&random](uint32_t n) { return static_cast<int32_t>(random() % n); };
  for (const uint32_t most_colors : {1u, 2u, 14u, 20u, 300u, 5000u}) {
    Volume volume;
    for (int step = 0; step < 400; ++step) {
      // Few bricks, some far off and at negative places, so that they are met again and again.
      const Coord min = {(below(3) - 1) * 16, below(2) * 1024, (below(2) - 1) * 64};
      std::vector<Coord> places;
      std::vector<Color> colors;
      for (int n = 1 + below(step % 7 == 0 ? 1000 : 8); n > 0; --n) {
        places.push_back(min + Coord{below(16), below(16), below(16)});
        const auto pick = static_cast<uint32_t>(below(most_colors + 1));
        colors.push_back(pick == 0 ? kAir : Rgba(pick & 255, pick >> 8, 7));
      }
      ASSERT_TRUE(InOneBrick(places));
      const BrickChange change = SetInBrick(volume, places, colors);
      ExpectSame(change, volume, ByEditor(volume, places, colors));
      if (HasFailure()) FAIL() << "step " << step << " with " << most_colors << " colours";
      volume = change.volume;
    }
  }
}

TEST(SetInBrickTest, CubesOfOneColorAreBrokenAndMadeWhole) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 1024, Rgba(1, 2, 3));
  const Volume whole = editor.Commit();
  const Coord place{500, 501, 502};
  const std::vector<Color> hole = {kAir};
  const BrickChange broken = SetInBrick(whole, {&place, 1}, hole);
  ExpectSame(broken, whole, ByEditor(whole, {place}, hole));
  const std::vector<Color> filling = {Rgba(1, 2, 3)};
  const BrickChange mended = SetInBrick(broken.volume, {&place, 1}, filling);
  EXPECT_EQ(mended.volume.ContentHash(), whole.ContentHash());
  EXPECT_EQ(mended.volume.Bytes(), whole.Bytes());
  EXPECT_EQ(mended.let_go_bytes, broken.volume.BytesNotIn(mended.volume));
}

TEST(SetInBrickTest, TheLastVoxelLeavesNothing) {
  const Coord place{-1, -1, -1};
  const std::vector<Color> red = {Rgba(255, 0, 0)};
  const std::vector<Color> air = {kAir};
  const BrickChange one = SetInBrick(Volume(), {&place, 1}, red);
  EXPECT_EQ(one.volume.CountVoxels(), 1);
  EXPECT_EQ(one.let_go_bytes, 0);
  const BrickChange none = SetInBrick(one.volume, {&place, 1}, air);
  EXPECT_TRUE(none.volume.empty());
  EXPECT_EQ(none.changed, 1);
}

TEST(SetInBrickTest, OfEqualPlacesTheLastCounts) {
  const std::vector<Coord> places = {{1, 1, 1}, {2, 1, 1}, {1, 1, 1}};
  const std::vector<Color> colors = {Rgba(1, 1, 1), Rgba(2, 2, 2), Rgba(3, 3, 3)};
  const BrickChange change = SetInBrick(Volume(), places, colors);
  EXPECT_EQ(change.changed, 2);
  EXPECT_EQ(change.volume.Get({1, 1, 1}), Rgba(3, 3, 3));
  const BrickChange again = SetInBrick(change.volume, places, colors);
  EXPECT_EQ(again.changed, 0);
  EXPECT_EQ(again.unchanged, 2);
  EXPECT_TRUE(again.bounds.empty());
}

TEST(SetInBrickTest, PlacesOfTwoBricksAreToldApart) {
  EXPECT_TRUE(InOneBrick(std::vector<Coord>{{-16, 0, 31}, {-1, 15, 16}}));
  EXPECT_FALSE(InOneBrick(std::vector<Coord>{{-1, 0, 0}, {0, 0, 0}}));
  EXPECT_FALSE(InOneBrick(std::vector<Coord>{{kMaxCoord, 0, 0}}));
  EXPECT_FALSE(InOneBrick({}));
}

}  // namespace
}  // namespace voxel
