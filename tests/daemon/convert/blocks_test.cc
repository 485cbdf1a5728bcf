#include "daemon/convert/blocks.h"

#include <gtest/gtest.h>

#include <random>

#include "voxel/base/error.h"

namespace voxeld {
namespace {

const voxel::Box kBox{{-3, 2, 5}, {5, 6, 9}};  // 8 x 4 x 4

std::vector<voxel::Color> RandomColors(int distinct) {
  std::mt19937 random(7);
  std::vector<voxel::Color> colors(static_cast<size_t>(kBox.Voxels()));
  for (auto& color : colors) {
    const uint32_t n = static_cast<uint32_t>(random()) % static_cast<uint32_t>(distinct);
    color = n == 0 ? voxel::kAir : n << 8 | 255;
  }
  return colors;
}

v1::Block Encode(const std::vector<voxel::Color>& colors, bool palette_allowed) {
  v1::Block block;
  FromVoxels(kBox, colors, palette_allowed, &block);
  return block;
}

TEST(BlocksTest, EveryEncodingReadsBack) {
  for (const int distinct : {1, 2, 100, 100000}) {
    for (const bool palette_allowed : {false, true}) {
      const auto colors = RandomColors(distinct);
      const auto read = ToVoxels(Encode(colors, palette_allowed), "block");
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(read->box, kBox);
      EXPECT_EQ(read->colors, colors);
    }
  }
}

TEST(BlocksTest, TheSmallestAllowedEncodingIsChosen) {
  EXPECT_TRUE(Encode(RandomColors(1), true).uniform());
  EXPECT_EQ(Encode(RandomColors(10), true).encoding(), v1::ENCODING_PALETTE);
  EXPECT_EQ(Encode(RandomColors(10), false).encoding(), v1::ENCODING_RAW);
}

TEST(BlocksTest, DataOfAnotherLengthIsRefused) {
  v1::Block block = Encode(RandomColors(10), false);
  block.mutable_data()->pop_back();
  EXPECT_EQ(voxel::FieldOf(ToVoxels(block, "block").status()), "block.data");
}

TEST(BlocksTest, AnIndexAboveThePaletteIsRefused) {
  v1::Block block = Encode(RandomColors(10), true);
  block.mutable_palette()->RemoveLast();
  const absl::Status status = ToVoxels(block, "block").status();
  EXPECT_EQ(voxel::ReasonOf(status), "INVALID_FIELD");
}

TEST(BlocksTest, AHugeBoxIsRefusedBeforeMemoryIsTaken) {
  v1::Block block;
  for (int axis = 0; axis < 3; ++axis) {
    block.mutable_box()->add_min(voxel::kMinCoord);
    block.mutable_box()->add_max(voxel::kMaxCoord);
  }
  block.set_uniform(true);
  EXPECT_EQ(voxel::FieldOf(ToVoxels(block, "block").status()), "block.box");
}

TEST(BlocksTest, ColorsWithoutAlphaAreAir) {
  v1::Block block = Encode(RandomColors(1), true);
  block.set_value(0x11223300);
  EXPECT_EQ(ToVoxels(block, "block")->colors[0], voxel::kAir);
}

}  // namespace
}  // namespace voxeld
