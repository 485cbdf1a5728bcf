#include "voxel/formats/vox_color_table.h"

#include <gtest/gtest.h>

#include <set>

#include "voxel/grid/median_cut.h"

namespace voxel {
namespace {

TEST(MedianCutTest, GroupsAreAsManyAsAskedAndHoldEveryColourOnce) {
  std::vector<WeightedColor> colors;
  for (uint32_t i = 0; i < 1000; ++i)
    colors.push_back({Rgba(i * 7 % 256, i * 13 % 256, i % 256), 1 + i % 5});
  const std::set<Color> before = [&] {
    std::set<Color> set;
    for (const WeightedColor& color : colors) set.insert(color.color);
    return set;
  }();
  const std::vector<size_t> ends = MedianCut(colors, 16);
  ASSERT_EQ(ends.size(), 16u);
  EXPECT_EQ(ends.back(), colors.size());
  std::set<Color> after;
  for (const WeightedColor& color : colors) after.insert(color.color);
  EXPECT_EQ(before, after);
}

TEST(MedianCutTest, FarColoursArePartedFirst) {
  std::vector<WeightedColor> colors = {
      {0x000000FF, 10}, {0xF0F0F0FF, 10}, {0x010000FF, 10}, {0xF1F0F0FF, 10}};
  const std::vector<size_t> ends = MedianCut(colors, 2);
  ASSERT_EQ(ends, (std::vector<size_t>{2, 4}));
  EXPECT_EQ(Red(colors[0].color) < 2, Red(colors[1].color) < 2);
}

TEST(VoxColorTableTest, WithoutAPaletteColoursStandInOrderFromTheFirstEntry) {
  const VoxColorTable table(nullptr, {{0x000002FF, 5}, {0x000001FF, 1}});
  EXPECT_EQ(table.IndexOf(0x000001FF), 1);
  EXPECT_EQ(table.IndexOf(0x000002FF), 2);
  EXPECT_EQ(table.merged(), 0);
  EXPECT_TRUE(table.Means(2, 0x000002FF));
  EXPECT_FALSE(table.Means(1, 0x000002FF));
  EXPECT_FALSE(table.Means(0, kAir));
}

TEST(VoxColorTableTest, EmptyEntriesAreTakenBeforeUnusedOnes) {
  const RefPtr<Palette> palette = MakeRef<Palette>();
  palette->entries.resize(256);
  for (uint32_t i = 0; i < 256; ++i) palette->entries[i].color = Rgba(i, 0, 0);
  palette->entries[100].color = 0;
  palette->entries[254].material.properties["_type"] = "_metal";
  const VoxColorTable table(palette.get(), {{Rgba(7, 0, 0), 1}, {0x00AA00FF, 1}, {0x00BB00FF, 1}});
  EXPECT_EQ(table.IndexOf(Rgba(7, 0, 0)), 8);
  EXPECT_EQ(table.IndexOf(0x00AA00FF), 101);
  EXPECT_EQ(table.IndexOf(0x00BB00FF), 255);
  EXPECT_TRUE(
      table.entries()[254].material.empty());  // the old colour's material is not the new one's
}

TEST(VoxColorTableTest, A255thColourFitsAndThe256thIsMerged) {
  ColorCounts counts;
  for (uint32_t i = 0; i < 255; ++i) counts[Rgba(i, 255 - i, 0)] = 10;
  EXPECT_EQ(VoxColorTable(nullptr, counts).merged(), 0);
  counts[Rgba(3, 253, 1)] = 1;
  const VoxColorTable table(nullptr, counts);
  EXPECT_GE(table.merged(), 1);
  EXPECT_LE(table.merged(), 2);
  EXPECT_GT(table.IndexOf(Rgba(3, 253, 1)), 0);
}

// 256 colours of which two are close: those two become the one that the palette has.
TEST(VoxColorTableTest, MergedColoursBecomeThePalettesOwn) {
  const RefPtr<Palette> palette = MakeRef<Palette>();
  palette->entries.push_back({.color = Rgba(9, 9, 9), .name = {}, .material = {}});
  palette->entries.push_back({.color = Rgba(200, 0, 0), .name = {}, .material = {}});
  ColorCounts counts = {{Rgba(200, 0, 0), 1}, {Rgba(201, 0, 0), 3}};
  for (uint32_t i = 0; i < 254; ++i) counts[Rgba(0, i, 255 - i)] = 1000;
  const VoxColorTable table(palette.get(), counts);
  EXPECT_EQ(table.IndexOf(Rgba(200, 0, 0)), 2);
  EXPECT_EQ(table.IndexOf(Rgba(201, 0, 0)), 2);
  EXPECT_EQ(table.entries()[1].color, Rgba(200, 0, 0));
  EXPECT_EQ(table.merged(), 1);
}

}  // namespace
}  // namespace voxel
