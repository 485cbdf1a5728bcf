// DiffBricks against a look at every voxel: bricks of each form, with palettes that are equal,
// longer, in another order, or of other colours.
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

// So many voxels of so many colours, which begin at `first`; `turned` uses them backwards.
DenseBrick Mixture(std::mt19937& random, int voxels, int colors, int first, bool turned) {
  DenseBrick out{};
  for (int i = 0; i < kBrickVoxels; ++i) {
    if (static_cast<int>(random() % kBrickVoxels) >= voxels) continue;
    const int n = i < colors ? i : static_cast<int>(random() % static_cast<uint32_t>(colors));
    const int color = first + (turned ? colors - 1 - n : n);
    out[static_cast<size_t>(i)] = Rgba(color & 255, color >> 8, 9);
  }
  return out;
}

Volume VolumeOf(const DenseBrick& voxels) {
  VolumeEditor editor{Volume()};
  editor.PutBrick({0, 0, 0}, voxels);
  return editor.Commit();
}

void ExpectTheSame(const DenseBrick& old, const DenseBrick& now) {
  const Volume before = VolumeOf(old);
  const Volume after = VolumeOf(now);
  const BrickDiff diff = DiffBricks(before.CellAt({0, 0, 0}), after.CellAt({0, 0, 0}), kWorld);
  for (int i = 0; i < kBrickVoxels; ++i) {
    const Color a = old[static_cast<size_t>(i)];
    const Color b = now[static_cast<size_t>(i)];
    ASSERT_EQ(diff.added.Get(i), a == kAir && b != kAir) << i;
    ASSERT_EQ(diff.removed.Get(i), a != kAir && b == kAir) << i;
    ASSERT_EQ(diff.recolored.Get(i), a != kAir && b != kAir && a != b) << i;
  }
}

TEST(RecoloredTest, EveryPairOfFormsComparesAsItsVoxelsDo) {
  std::mt19937 random(7);
  const int counts[] = {1, 40, 300, 2000, 20 * kBrickVoxels};
  const int palettes[] = {1, 2, 15, 16, 17, 200, 256, 900};
  for (const int voxels : counts) {
    for (const int colors : palettes) {
      const DenseBrick old = Mixture(random, voxels, colors, 0, false);
      for (const int others : palettes) {
        for (const int first : {0, 1, 3000}) {
          ExpectTheSame(old, Mixture(random, voxels, others, first, others % 2 == 0));
        }
      }
    }
  }
}

TEST(RecoloredTest, OneVoxelMoreInEachForm) {
  std::mt19937 random(8);
  for (const int voxels : {1, 100, 1000, 20 * kBrickVoxels}) {
    for (const int colors : {1, 3, 15, 16, 40, 255, 256, 900}) {
      const DenseBrick old = Mixture(random, voxels, colors, 0, false);
      for (int round = 0; round < 12; ++round) {
        DenseBrick now = old;
        const size_t at = round < 4 ? static_cast<size_t>(round) : random() % kBrickVoxels;
        const int color =
            round % 3 == 0 ? 5000 : static_cast<int>(random() % static_cast<uint32_t>(colors));
        now[at] = round % 5 == 0 ? kAir : Rgba(color & 255, color >> 8 & 255, 9);
        ExpectTheSame(old, now);
      }
    }
  }
}

}  // namespace
}  // namespace voxel
