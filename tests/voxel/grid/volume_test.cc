#include "voxel/grid/volume.h"

#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "tests/voxel/grid/test_kernels.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

Volume WithVoxels(const std::vector<std::pair<Coord, Color>>& voxels) {
  VolumeEditor editor{Volume()};
  for (const auto& [c, color] : voxels) editor.Set(c, color);
  return editor.Commit();
}

Volume WithBox(const Box& box, Color color) {
  VolumeEditor editor{Volume()};
  FillBox(editor, box, color);
  return editor.Commit();
}

TEST(VolumeTest, EmptyVolumesReadAsAir) {
  const Volume volume;
  EXPECT_TRUE(volume.empty());
  EXPECT_EQ(volume.Get({0, 0, 0}), kAir);
  EXPECT_EQ(volume.CountVoxels(), 0);
  EXPECT_TRUE(volume.Bounds().empty());
  EXPECT_EQ(volume.Bytes(), 0);
  EXPECT_TRUE(volume.SharesRoot(VolumeEditor(volume).Commit()));
}

TEST(VolumeTest, AMovedFromVolumeIsEmpty) {
  Volume a = WithVoxels({{{1, 2, 3}, kRed}});
  const Volume b = std::move(a);
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(b.Get({1, 2, 3}), kRed);
}

TEST(VolumeTest, PositionsOutsideTheWorldReadAsAir) {
  const Volume volume = WithBox({{kMaxCoord - 9, 0, 0}, {kMaxCoord, 9, 9}}, kRed);
  EXPECT_EQ(volume.Get({kMaxCoord - 1, 0, 0}), kRed);
  EXPECT_EQ(volume.Get({kMaxCoord, 0, 0}), kAir);
  EXPECT_EQ(volume.Get({std::numeric_limits<int32_t>::min(), 0, 0}), kAir);
  VolumeReader reader(volume);
  EXPECT_EQ(reader.Get({kMaxCoord - 1, 0, 0}), kRed);
  EXPECT_EQ(reader.Get({kMaxCoord, 0, 0}), kAir);
}

TEST(VolumeTest, BoundsAreTightAcrossRegions) {
  EXPECT_EQ(WithVoxels({{{-5000, 7, 3}, kRed}, {{9, -1, 88000}, kBlue}}).Bounds(),
            (Box{{-5000, -1, 3}, {10, 8, 88001}}));
  const Box odd{{-3, 17, 63}, {1030, 300, 65}};
  EXPECT_EQ(WithBox(odd, kRed).Bounds(), odd);
  EXPECT_EQ(WithBox(odd, kRed).CountVoxels(), odd.Voxels());
}

TEST(VolumeTest, CountsAndHashesDoNotDependOnHistory) {
  VolumeEditor editor{Volume()};
  FillBox(editor, {{0, 0, 0}, {64, 64, 64}}, kBlue);
  for (int i = 0; i < 400; ++i) editor.Set({i % 80, i / 7, 5}, Rgba(i & 255, 1, 1));
  FillBox(editor, {{-100, -100, -100}, {200, 200, 200}}, kAir);
  FillBox(editor, {{0, 0, 0}, {16, 16, 16}}, kRed);
  editor.Set({1, 1, 1}, kBlue);
  const Volume roundabout = editor.Commit();
  VolumeEditor direct{Volume()};
  direct.Set({1, 1, 1}, kBlue);
  for (int i = 4095; i >= 0; --i) {
    const Coord c{i & 15, i >> 4 & 15, i >> 8};
    if (c != Coord{1, 1, 1}) direct.Set(c, kRed);
  }
  const Volume plain = direct.Commit();
  EXPECT_EQ(roundabout.CountVoxels(), 4096);
  EXPECT_EQ(roundabout.ContentHash(), plain.ContentHash());
  EXPECT_EQ(roundabout.Bytes(), plain.Bytes());
}

TEST(VolumeTest, HashesTellContentAndPlaceApart) {
  std::set<uint64_t> hashes;
  for (int32_t x : {0, 1, 16, 64, 256, 1024, -1, -1024}) {
    EXPECT_TRUE(hashes.insert(WithVoxels({{{x, 0, 0}, kRed}}).ContentHash()).second) << x;
    EXPECT_TRUE(hashes.insert(WithVoxels({{{0, x, 5}, kBlue}}).ContentHash()).second) << x;
  }
  for (int32_t size : {16, 64, 256, 1024, 2048}) {
    EXPECT_TRUE(hashes.insert(WithBox({{0, 0, 0}, {size, size, size}}, kRed).ContentHash()).second);
  }
  EXPECT_FALSE(hashes.contains(Volume().ContentHash()));
}

TEST(VolumeTest, ABillionVoxelsCostTheirSurface) {
  const Volume volume = WithBox({{3, 3, 3}, {1003, 1003, 1003}}, kRed);
  EXPECT_EQ(volume.CountVoxels(), 1000000000);
  EXPECT_LT(volume.Bytes(), int64_t{20} << 20);
  EXPECT_LT(WithBox({{0, 0, 0}, {1024, 1024, 1024}}, kRed).Bytes(), 1000);
}

TEST(VolumeTest, CellsCoverExactlyWhatIsNotAir) {
  VolumeEditor editor{Volume()};
  FillBox(editor, {{0, 0, 0}, {256, 64, 64}}, kRed);
  editor.Set({300, 0, 0}, kBlue);
  editor.Set({-1, -1, -1}, kBlue);
  const Volume volume = editor.Commit();
  int64_t voxels = 0;
  std::set<int32_t> sizes;
  volume.ForEachCell(kWorld, [&](const Cell& cell) {
    voxels += cell.brick != nullptr ? BrickCount(cell.brick) : cell.box().Voxels();
    sizes.insert(cell.size);
    return true;
  });
  EXPECT_EQ(voxels, volume.CountVoxels());
  EXPECT_EQ(sizes, (std::set<int32_t>{16, 64}));

  int cells = 0;
  volume.ForEachCell({{60, 0, 0}, {65, 1, 1}}, [&](const Cell& cell) {
    EXPECT_EQ(cell.size, 64);
    ++cells;
    return true;
  });
  EXPECT_EQ(cells, 2);
  cells = 0;
  volume.ForEachCell(kWorld, [&](const Cell&) { return ++cells < 3; });
  EXPECT_EQ(cells, 3);
}

TEST(VolumeTest, CellsAreFoundByPlace) {
  VolumeEditor editor{Volume()};
  FillBox(editor, {{0, 0, 0}, {64, 64, 64}}, kRed);
  editor.Set({-1, 0, 0}, kBlue);
  const Volume volume = editor.Commit();
  EXPECT_EQ(volume.CellAt({16, 0, 0}).size, 16);
  EXPECT_EQ(volume.CellAt({16, 0, 0}).color, kRed);
  EXPECT_NE(volume.CellAt({-16, 0, 0}).brick, nullptr);
  EXPECT_EQ(volume.CellAt({4096, 0, 0}).color, kAir);
  EXPECT_EQ(volume.CellOf({40, 1, 1}).size, 64);
  EXPECT_EQ(volume.CellOf({40, 1, 1}).min, (Coord{0, 0, 0}));
  EXPECT_EQ(volume.CellOf({-5, 1, 1}).min, (Coord{-16, 0, 0}));
  EXPECT_EQ(volume.CellOf({5000, 1, 1}).size, 1024);
}

TEST(VolumeTest, ReadBoxCopiesWithXFastest) {
  VolumeEditor editor{Volume()};
  for (int i = 0; i < 1000; ++i)
    editor.Set({i % 37 - 9, i % 11 + 10, i % 7 - 3}, Rgba(i & 255, 2, 3));
  FillBox(editor, {{16, 16, 0}, {32, 32, 16}}, kBlue);
  const Volume volume = editor.Commit();
  for (const Box& box : {Box{{-12, 8, -5}, {35, 24, 6}}, Box{{3, 12, 0}, {4, 13, 1}},
                         Box{{17, 17, 3}, {20, 18, 9}}}) {
    std::vector<Color> out(box.Voxels(), 1);
    volume.ReadBox(box, out.data());
    size_t i = 0;
    for (int z = box.min.z; z < box.max.z; ++z) {
      for (int y = box.min.y; y < box.max.y; ++y) {
        for (int x = box.min.x; x < box.max.x; ++x) ASSERT_EQ(out[i++], volume.Get({x, y, z}));
      }
    }
  }
}

TEST(VolumeTest, ReadBoxReachesOverTheWorldsEdge) {
  const Volume volume = WithVoxels({{{kMinCoord, 0, 0}, kRed}});
  std::vector<Color> out(3, 1);
  volume.ReadBox({{kMinCoord - 1, 0, 0}, {kMinCoord + 2, 1, 1}}, out.data());
  EXPECT_EQ(out, (std::vector<Color>{kAir, kRed, kAir}));
}

TEST(VolumeTest, UnsharedBytesAreThoseOfTheChangedPath) {
  const Volume base = WithBox({{3, 3, 3}, {203, 203, 203}}, kRed);
  EXPECT_EQ(base.BytesNotIn(base), 0);
  EXPECT_GT(base.BytesNotIn(Volume()), base.Bytes() * 9 / 10);
  VolumeEditor editor(base);
  editor.Set({100, 100, 100}, kBlue);
  const Volume changed = editor.Commit();
  const int64_t added = changed.BytesNotIn(base);
  EXPECT_GT(added, 3 * 500);  // three nodes and a brick
  EXPECT_LT(added, 6000);
  // A brick used twice is held once.
  VolumeEditor twice(changed);
  twice.ShareBrick({512, 0, 0}, changed.CellAt({96, 96, 96}).brick);
  twice.ShareBrick({528, 0, 0}, changed.CellAt({96, 96, 96}).brick);
  EXPECT_LT(twice.Commit().BytesNotIn(Volume()), changed.BytesNotIn(Volume()) + 2500);
}

TEST(VolumeTest, ManyRegionsAreFoundAgain) {
  VolumeEditor editor{Volume()};
  std::vector<Coord> places;
  uint32_t random = 7;
  for (int i = 0; i < 3000; ++i) {
    Coord c;
    for (int axis = 0; axis < 3; ++axis) {
      random = random * 1664525 + 1013904223;
      c[axis] = static_cast<int32_t>(random) >> 1;
    }
    places.push_back(c);
    editor.Set(c, Rgba(i & 255, i >> 8, 1));
  }
  const Volume volume = editor.Commit();
  VolumeReader reader(volume);
  int64_t met = 0;
  for (int i = 0; i < 3000; ++i) {
    EXPECT_EQ(reader.Get(places[i]), Rgba(i & 255, i >> 8, 1));
    volume.ForEachCell(BoxAt(places[i]), [&](const Cell& cell) {
      EXPECT_TRUE(cell.box().Contains(places[i]));
      ++met;
      return true;
    });
  }
  EXPECT_EQ(met, 3000);
  EXPECT_EQ(volume.CountVoxels(), 3000);
}

}  // namespace
}  // namespace voxel
