// Many voxels in one call against as many calls for one.
#include <algorithm>
#include <iterator>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

// Corners of cubes of the tree and of the world.
constexpr Coord kSites[] = {{0, 0, 0},
                            {-64, 16, 0},
                            {1024, -1024, 256},
                            {-300, 300, 300},
                            {kMinCoord, kMinCoord, 0},
                            {kMaxCoord - 16, 0, kMaxCoord - 16}};

class Batch {
 public:
  explicit Batch(uint32_t seed) : random_(seed) {}

  int32_t Below(int32_t n) { return static_cast<int32_t>(random_() % static_cast<uint32_t>(n)); }
  // Most near a site; some that repeat; some outside the world where `anywhere`.
  std::vector<Coord> Places(size_t n, bool anywhere) {
    std::vector<Coord> places(n);
    for (size_t i = 0; i < n; ++i) {
      const Coord site = kSites[Below(std::size(kSites))];
      for (int axis = 0; axis < 3; ++axis) {
        const int64_t v = int64_t{site[axis]} + Below(80) - 40;
        places[i][axis] =
            static_cast<int32_t>(anywhere ? v : std::clamp<int64_t>(v, kMinCoord, kMaxCoord - 1));
      }
      if (i > 0 && Below(8) == 0) places[i] = places[Below(static_cast<int32_t>(i))];
    }
    return places;
  }
  // Of one colour, of few, of more than a palette holds; with air.
  std::vector<Color> Colors(size_t n) {
    const int32_t kinds[] = {1, 4, 16, 40, 3000};
    const int32_t kind = kinds[Below(5)];
    const bool air = Below(2) == 0;
    std::vector<Color> colors(n);
    for (Color& color : colors) {
      const auto pick = static_cast<uint32_t>(Below(kind));
      color = air && pick % 4 == 0 ? kAir : Rgba(pick & 255, pick >> 8, kind & 255);
    }
    return colors;
  }
  // Bricks of every form around every site.
  Volume Mixed() {
    VolumeEditor editor{Volume()};
    for (const Coord& site : kSites) {
      const Coord aligned{site.x & -64, site.y & -64, site.z & -64};
      editor.PutCube(aligned, 64, Rgba(7, 7, 7));
      for (int i = 0; i < 24; ++i) {
        DenseBrick voxels;
        const std::vector<Color> colors = Colors(kBrickVoxels);
        std::copy(colors.begin(), colors.end(), voxels.begin());
        editor.PutBrick(aligned + Coord{Below(4) * 16, Below(4) * 16, Below(4) * 16}, voxels);
      }
    }
    return editor.Commit();
  }

 private:
  std::mt19937 random_;
};

TEST(BatchTest, GetManyIsAsManyGets) {
  Batch batch(1);
  for (int round = 0; round < 20; ++round) {
    const Volume volume = round == 0 ? Volume() : batch.Mixed();
    VolumeReader many(volume);
    VolumeReader single(volume);
    for (const size_t n :
         {size_t{0}, size_t{1}, size_t{31}, size_t{32}, size_t{33}, size_t{3000}}) {
      std::vector<Coord> places = batch.Places(n, true);
      if (n > 31) places[5] = {std::numeric_limits<int32_t>::min(), 0, 0};
      std::vector<Color> colors(n + 1, 99);
      many.GetMany(places, colors.data());
      for (size_t i = 0; i < n; ++i) {
        ASSERT_EQ(colors[i], volume.Get(places[i])) << i;
        ASSERT_EQ(colors[i], single.Get(places[i])) << i;
      }
      ASSERT_EQ(colors[n], 99u);
    }
  }
}

TEST(BatchTest, SetManyIsAsManySets) {
  Batch batch(2);
  for (int round = 0; round < 20; ++round) {
    const Volume base = batch.Mixed();
    VolumeEditor many(base);
    VolumeEditor single(base);
    for (int step = 0; step < 12; ++step) {
      const std::vector<Coord> places = batch.Places(static_cast<size_t>(batch.Below(2000)), false);
      const std::vector<Color> colors = batch.Colors(batch.Below(4) == 0 ? 1 : places.size());
      many.SetMany(places, colors);
      for (size_t i = 0; i < places.size(); ++i) {
        single.Set(places[i], colors[colors.size() == 1 ? 0 : i]);
      }
      ASSERT_EQ(many.new_bytes(), single.new_bytes());
      for (const Coord& c : places) ASSERT_EQ(many.Get(c), single.Get(c));
      if (step % 3 != 0) continue;  // from here on, bricks are shared and must be copied
      ASSERT_EQ(many.Snapshot().ContentHash(), single.Snapshot().ContentHash());
    }
    const Volume changed = many.Commit();
    ASSERT_EQ(changed.ContentHash(), single.Commit().ContentHash());
    ASSERT_EQ(base.CountVoxels(), Volume(base).CountVoxels());
  }
}

TEST(BatchTest, TheLastOfEqualPlacesWins) {
  VolumeEditor editor{Volume()};
  editor.Set({0, 0, 0}, Rgba(9, 9, 9));
  const std::vector<Coord> places(50, Coord{3, 4, 5});
  std::vector<Color> colors;
  for (uint32_t i = 0; i < 50; ++i) colors.push_back(Rgba(i, 0, 0));
  editor.SetMany(places, colors);
  EXPECT_EQ(editor.Get({3, 4, 5}), Rgba(49, 0, 0));
}

TEST(BatchTest, SnapshotsStayAsTheyWere) {
  Batch batch(3);
  const Volume base = batch.Mixed();
  VolumeEditor editor(base);
  editor.SetMany(batch.Places(3000, false), batch.Colors(3000));
  const Volume snapshot = editor.Snapshot();
  const std::vector<Coord> places = batch.Places(5000, false);
  std::vector<Color> before(places.size());
  VolumeReader(snapshot).GetMany(places, before.data());
  const std::vector<Color> colors = batch.Colors(places.size());
  editor.SetMany(places, colors);
  std::vector<Color> after(places.size());
  VolumeReader(snapshot).GetMany(places, after.data());
  EXPECT_EQ(before, after);
  VolumeReader(editor.Commit()).GetMany(places, after.data());
  EXPECT_EQ(after.back(), colors.back());
}

TEST(BatchTest, ForEachColorsShowsWhatReadBoxReads) {
  Batch batch(4);
  const Volume volume = batch.Mixed();
  int bricks = 0;
  const Box box{{-100, -100, -100}, {200, 200, 200}};
  volume.ForEachColors(box, [&](const Cell& cell, const Color* colors) {
    EXPECT_EQ(colors == nullptr, cell.brick == nullptr);
    std::vector<Color> read(static_cast<size_t>(cell.box().Voxels()));
    volume.ReadBox(cell.box(), read.data());
    for (size_t i = 0; i < read.size(); ++i) {
      const Color color = colors == nullptr ? cell.color : colors[i];
      if (color != read[i]) ADD_FAILURE() << i;
    }
    bricks += colors != nullptr;
    return true;
  });
  EXPECT_GT(bricks, 10);
  int cells = 0;
  volume.ForEachColors(box, [&](const Cell&, const Color*) { return ++cells < 3; });
  EXPECT_EQ(cells, 3);
}

}  // namespace
}  // namespace voxel
