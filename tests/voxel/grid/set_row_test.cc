// VolumeEditor::SetRow against as many calls of Set.
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

// Rows over the borders of bricks, nodes and regions; of one colour, of few, of more than a palette
// holds, with and without air.
struct Row {
  Coord start;
  std::vector<Color> colors;
};

Row RandomRow(std::mt19937& random) {
  const auto below = [&](uint32_t n) { return static_cast<int32_t>(random() % n); };
  const uint32_t kinds[] = {1, 2, 5, 16, 17, 40, 300};
  const uint32_t kind = kinds[below(7)];
  const bool air = below(2) == 0;
  Row row;
  // About a corner of four regions; few rows, so that they meet again.
  row.start = {below(200) - 100, below(5) + (below(2) - 1) * 18, below(4) - 2};
  row.colors.resize(static_cast<size_t>(below(140)));
  for (Color& color : row.colors) {
    const auto pick = static_cast<uint32_t>(below(kind));
    color = air && pick == 0 ? kAir : Rgba(pick & 255, pick >> 8, kind & 255);
  }
  return row;
}

Coord CubeAround(Coord c) { return {c.x & -kBrickSize, c.y & -kBrickSize, c.z & -kBrickSize}; }

void SetOneByOne(VolumeEditor& editor, const Row& row) {
  for (size_t i = 0; i < row.colors.size(); ++i) {
    editor.Set(row.start + Coord{static_cast<int32_t>(i), 0, 0}, row.colors[i]);
  }
}

void SetAtOnce(VolumeEditor& editor, const Row& row) { editor.SetRow(row.start, row.colors); }

// The same row with its colours handed out one by one, each once and in order.
void SetMadeUp(VolumeEditor& editor, const Row& row) {
  size_t made = 0;
  editor.SetRow(row.start, static_cast<int32_t>(row.colors.size()), [&](Coord c) {
    EXPECT_EQ(c, row.start + (Coord{static_cast<int32_t>(made), 0, 0}));
    return row.colors[made++];
  });
  EXPECT_EQ(made, row.colors.size());
}

TEST(SetRowTest, IsAsManySets) {
  std::mt19937 random(7);
  VolumeEditor by_row{Volume()};
  VolumeEditor made_up{Volume()};
  VolumeEditor by_voxel{Volume()};
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 20; ++i) {
      const Row row = RandomRow(random);
      by_row.SetRow(row.start, row.colors);
      SetMadeUp(made_up, row);
      SetOneByOne(by_voxel, row);
      ASSERT_EQ(by_row.new_bytes(), by_voxel.new_bytes());
      ASSERT_EQ(made_up.new_bytes(), by_voxel.new_bytes());
    }
    if (round % 3 != 0) continue;  // from here on, bricks are shared and must be copied
    const Volume snapshot = by_row.Snapshot();
    ASSERT_EQ(snapshot.ContentHash(), by_voxel.Snapshot().ContentHash()) << "round " << round;
    ASSERT_EQ(snapshot.CountVoxels(), by_voxel.Snapshot().CountVoxels());
    ASSERT_EQ(made_up.Snapshot().ContentHash(), snapshot.ContentHash()) << "round " << round;
  }
  EXPECT_EQ(made_up.Commit().ContentHash(), by_voxel.Snapshot().ContentHash());
  EXPECT_EQ(by_row.Commit().ContentHash(), by_voxel.Commit().ContentHash());
}

// Long rows of raw bricks, which are found and written many at a time: over the borders of nodes,
// from within bricks and to within them, past one in their middle that was made uniform or past
// none, and after a snapshot shared them all.
TEST(SetRowTest, RawBricksInARowAreAsManySets) {
  std::mt19937 random(9);
  const auto distinct = [&] { return static_cast<Color>(random()) | 255; };
  for (const Coord odd : {Coord{-40, 0, 0}, Coord{100, 0, 0}, Coord{1000, 0, 0}}) {
    VolumeEditor by_row{Volume()};
    VolumeEditor made_up{Volume()};
    VolumeEditor by_voxel{Volume()};
    for (int round = 0; round < 60; ++round) {
      Row row;
      row.start = {static_cast<int32_t>(random() % 5) * 16 - 300,
                   7 + static_cast<int32_t>(random() % 2), 3};
      if (random() % 3 == 0) row.start.x += static_cast<int32_t>(random() % 16);
      row.colors.resize(500 + random() % 100);
      for (Color& color : row.colors) color = distinct();
      by_row.SetRow(row.start, row.colors);
      SetMadeUp(made_up, row);
      SetOneByOne(by_voxel, row);
      if (round % 10 == 5) {
        for (VolumeEditor* editor : {&by_row, &made_up, &by_voxel}) {
          editor->PutCube(CubeAround(odd), kBrickSize, Rgba(1, 2, 3));
        }
      }
      if (round % 20 != 19) continue;
      const uint64_t hash = by_voxel.Snapshot().ContentHash();
      ASSERT_EQ(by_row.Snapshot().ContentHash(), hash) << "round " << round;
      ASSERT_EQ(made_up.Snapshot().ContentHash(), hash) << "round " << round;
    }
  }
}

// The first of four raw bricks without air is the editor's, the others are still the base's.
TEST(SetRowTest, RawBricksOfTheBaseAreNotWrittenInPlace) {
  DenseBrick voxels;
  for (uint32_t i = 0; i < voxels.size(); ++i) voxels[i] = i << 8 | 255;
  VolumeEditor first{Volume()};
  for (int32_t x = 0; x < 64; x += kBrickSize) first.PutBrick({x, 0, 0}, voxels);
  const Volume base = first.Commit();
  const uint64_t hash = base.ContentHash();
  Row row{.start = {0, 5, 5}, .colors = std::vector<Color>(64)};
  for (uint32_t i = 0; i < 64; ++i) row.colors[i] = Rgba(i, 1, 2);
  for (const auto set : {SetMadeUp, SetOneByOne, SetAtOnce}) {
    VolumeEditor editor(base);
    editor.Set({0, 0, 0}, Rgba(1, 1, 1));
    set(editor, row);
    for (int32_t x = 0; x < 64; ++x) {
      EXPECT_EQ(base.Get({x, 5, 5}), voxels[BrickIndex(x & 15, 5, 5)]);
      EXPECT_EQ(editor.Get({x, 5, 5}), row.colors[x]);
    }
    EXPECT_NE(editor.Commit().ContentHash(), hash);
  }
}

TEST(SetRowTest, SnapshotsStayAsTheyWere) {
  std::mt19937 random(8);
  VolumeEditor editor{Volume()};
  for (int i = 0; i < 300; ++i) {
    const Row row = RandomRow(random);
    editor.SetRow(row.start, row.colors);
  }
  const Volume snapshot = editor.Snapshot();
  const Box box = snapshot.Bounds();
  std::vector<Color> before(static_cast<size_t>(box.Voxels()));
  std::vector<Color> after(before.size());
  snapshot.ReadBox(box, before.data());
  for (int i = 0; i < 300; ++i) {
    const Row row = RandomRow(random);
    editor.SetRow(row.start, row.colors);
  }
  EXPECT_NE(editor.Commit().ContentHash(), snapshot.ContentHash());
  snapshot.ReadBox(box, after.data());
  EXPECT_EQ(before, after);
}

TEST(SetRowTest, WritingWhatIsThereIsNoChange) {
  std::vector<Color> colors(140);
  for (uint32_t i = 0; i < colors.size(); ++i)
    colors[i] = i % 5 == 0 ? kAir : Rgba(i % 20, i / 20, 1);
  VolumeEditor first{Volume()};
  first.SetRow({-70, 3, -1}, colors);
  const Volume base = first.Commit();
  VolumeEditor again(base);
  again.SetRow({-70, 3, -1}, colors);
  EXPECT_EQ(again.new_bytes(), 0);
  EXPECT_TRUE(again.Commit().SharesRoot(base));
}

TEST(SetRowTest, ReachesTheEndsOfTheWorld) {
  VolumeEditor editor{Volume()};
  const std::vector<Color> colors(20, Rgba(1, 2, 3));
  editor.SetRow({kMinCoord, kMinCoord, kMaxCoord - 1}, colors);
  editor.SetRow({kMaxCoord - 20, 0, 0}, colors);
  editor.SetRow({5, 5, 5}, {});
  const Volume volume = editor.Commit();
  EXPECT_EQ(volume.CountVoxels(), 40);
  EXPECT_EQ(volume.Get({kMaxCoord - 1, 0, 0}), colors[0]);
  EXPECT_EQ(volume.Get({kMinCoord + 19, kMinCoord, kMaxCoord - 1}), colors[0]);
}

}  // namespace
}  // namespace voxel
