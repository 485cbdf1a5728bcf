// Voxels at opposite ends of the world, and edits as wide as it: the space between costs nothing.
#include <limits>

#include "absl/time/time.h"
#include "edit_fixture.h"
#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "voxel/base/steady_time.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

constexpr Coord kLow{kMinCoord, kMinCoord, kMinCoord};
constexpr Coord kHigh{kMaxCoord - 1, kMaxCoord - 1, kMinCoord};
constexpr Coord kAbove{5, 5, 5};

// As wide as the world, one voxel thick: `kLow` and `kHigh` lie in it.
constexpr Box kPlate{kLow, {kMaxCoord, kMaxCoord, kMinCoord + 1}};

RefPtr<const Document> FarApart() {
  VolumeEditor editor{Volume()};
  for (const Coord& at : {kLow, kHigh, kAbove}) editor.Set(at, kRed);
  return OneLayer(editor.Commit());
}

// What is left of the three voxels.
std::vector<Coord> After(const Edit& edit) {
  TaskContext context;
  context.deadline = SteadyNow() + absl::Seconds(60);  // where it would take days, it fails
  context.max_voxels = std::numeric_limits<int64_t>::max();
  const absl::StatusOr<ApplyResult> result = ApplyEdits(FarApart(), {edit}, context);
  EXPECT_TRUE(result.ok()) << result.status();
  std::vector<Coord> left;
  if (!result.ok()) return left;
  const Volume& volume = result->document->layers[0]->volume;
  for (const Coord& at : {kLow, kHigh, kAbove}) {
    if (volume.Get(at) != kAir) left.push_back(at);
  }
  return left;
}

TEST(FarApartTest, ACropToAPlateAcrossTheWorld) {
  EXPECT_EQ(After(EditOf(Crop{kPlate})), (std::vector<Coord>{kLow, kHigh}));
}

TEST(FarApartTest, AClearedPlateAcrossTheWorld) {
  EXPECT_EQ(After(EditOf(Clear{kPlate})), (std::vector<Coord>{kAbove}));
}

TEST(FarApartTest, AReplaceInAPlateAcrossTheWorld) {
  EXPECT_EQ(After(EditOf(Replace{kRed, kAir, 0, kPlate})), (std::vector<Coord>{kAbove}));
}

TEST(FarApartTest, RemappedColoursInAPlateAcrossTheWorld) {
  EXPECT_EQ(After(EditOf(Remap{{kRed}, {kAir}}, Mode::kReplace, kPlate)),
            (std::vector<Coord>{kAbove}));
}

TEST(FarApartTest, AnIntersectionWithinAPlateAcrossTheWorld) {
  const Edit edit = EditOf(FillBox{{kLow, kLow + Coord{1, 1, 1}}, kRed}, Mode::kIntersect, kPlate);
  EXPECT_EQ(After(edit), (std::vector<Coord>{kLow, kAbove}));
}

TEST(FarApartTest, AMoveWithinAPlateAcrossTheWorld) {
  MoveBox move;
  move.box = {kHigh, kHigh + Coord{1, 1, 1}};
  move.by = {-1, 0, 0};
  EXPECT_EQ(After(EditOf(move, Mode::kReplace, kPlate)).size(), 2u);
}

}  // namespace
}  // namespace voxel
