// Scaling of boxes larger than the random edits' arena, where whole bricks and nodes are uniform.
#include "voxel/ops/scale.h"

#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "tests/voxel/ops/edit_fixture.h"

namespace voxel {
namespace {

// A uniform box at odd places, with noise at one corner.
Volume Scene(const Box& box) {
  std::vector<Edit> edits{EditOf(FillBox{box, kRed, 0})};
  SetVoxels noise;
  std::mt19937 rng(5);
  for (int i = 0; i < 3000; ++i) {
    noise.positions.push_back(box.min + Coord{static_cast<int32_t>(rng() % 40),
                                              static_cast<int32_t>(rng() % 40),
                                              static_cast<int32_t>(rng() % 40)});
    noise.colors.push_back(rng() % 3 == 0 ? kAir : Rgba(9, 9, static_cast<uint32_t>(rng() % 5)));
  }
  edits.push_back(EditOf(noise));
  return AppliedTo(Volume(), edits);
}

TEST(ScaleTest, EachVoxelOfALargeBoxBecomesACube) {
  const Box solid{{-37, 5, -90}, {60, 90, 11}};
  const Volume before = Scene(solid);
  const Box box{{-40, 2, -91}, {70, 99, 20}};
  const Volume after = AppliedTo(before, {EditOf(Scale{box, 3, false})});
  EXPECT_EQ(after.CountVoxels(), 27 * before.CountVoxels());
  std::mt19937 rng(6);
  for (int i = 0; i < 20'000; ++i) {
    const Coord off{static_cast<int32_t>(rng() % 330), static_cast<int32_t>(rng() % 291),
                    static_cast<int32_t>(rng() % 333)};
    EXPECT_EQ(after.Get(box.min + off),
              before.Get(box.min + Coord{off.x / 3, off.y / 3, off.z / 3}));
  }
}

TEST(ScaleTest, CubesAtTheRimOfAUniformBoxAreSharedWithWhatIsBesideIt) {
  // The solid begins at each offset within a cube, so that more or less than half of it is filled;
  // behind its rim whole bricks and nodes are uniform.
  for (int32_t offset = 0; offset < 5; ++offset) {
    const Box solid{{offset, offset, offset}, {400, 400, 400}};
    const Volume before = AppliedTo(Volume(), {EditOf(FillBox{solid, kRed, 0})});
    const Box box{{0, 0, 0}, {400, 400, 400}};
    const Volume after = AppliedTo(before, {EditOf(Scale{box, 5, true})});
    for (int32_t i = 0; i < 80; ++i) {
      for (const Coord c : {Coord{i, 40, 40}, {40, 0, i}, {0, i, 0}, {i, i, i}}) {
        int64_t filled = 1;
        for (int axis = 0; axis < 3; ++axis) filled *= c[axis] == 0 ? 5 - offset : 5;
        EXPECT_EQ(after.Get(c), 2 * filled >= 125 ? kRed : kAir) << offset << " " << i;
      }
    }
  }
}

TEST(ScaleTest, AUniformCubeDoesNotClaimTheBrickWhereItsRimLands) {
  // The solid's first layer, a fifth of a cube, lands where a brick begins.
  const Volume before =
      AppliedTo(Volume(), {EditOf(FillBox{{{64, 64, 64}, {464, 464, 464}}, kRed, 0})});
  const Box box{{-15, -15, -15}, {465, 465, 465}};
  const Volume after = AppliedTo(before, {EditOf(Scale{box, 5, true})});
  EXPECT_EQ(after.Bounds(), (Box{{1, 1, 1}, {81, 81, 81}}));
  EXPECT_EQ(after.CountVoxels(), 80 * 80 * 80);
}

TEST(ScaleTest, OfEquallyFrequentColoursTheSmallestNumberWins) {
  const std::vector<Edit> halves{EditOf(FillBox{{{0, 0, 0}, {1, 2, 2}}, kRed, 0}),
                                 EditOf(FillBox{{{1, 0, 0}, {2, 2, 2}}, kBlue, 0}),
                                 EditOf(Scale{{{0, 0, 0}, {2, 2, 2}}, 2, true})};
  EXPECT_EQ(AppliedTo(Volume(), halves).Get({0, 0, 0}), kBlue);
}

}  // namespace
}  // namespace voxel
