// Colours that people know, adjusted.
#include "voxel/ops/color_adjust.h"

#include "gtest/gtest.h"
#include "tests/support/colors.h"

namespace voxel {
namespace {

constexpr Color kTeal = 0x14A08CFF;

TEST(ColorAdjustTest, ThirdsOfTheHueCircleTurnTheChannels) {
  EXPECT_EQ(Adjusted({120, 0, 0, 0}, kRed), 0x00FF00FFu);
  EXPECT_EQ(Adjusted({240, 0, 0, 0}, kRed), 0x0000FFFFu);
  EXPECT_EQ(Adjusted({-120, 0, 0, 0}, kTeal), 0xA08C14FFu);
  EXPECT_EQ(Adjusted({60, 0, 0, 0}, kRed), 0xFFFF00FFu);
}

TEST(ColorAdjustTest, ExtremesAreGreyBlackWhiteAndFlat) {
  EXPECT_EQ(Adjusted({0, -100, 0, 0}, kTeal), 0x5A5A5AFFu);
  EXPECT_EQ(Adjusted({0, 0, -100, 0}, kTeal), 0x000000FFu);
  EXPECT_EQ(Adjusted({0, 0, 100, 0}, kTeal), 0xFFFFFFFFu);
  EXPECT_EQ(Adjusted({0, 0, 0, -100}, kTeal), 0x808080FFu);
}

TEST(ColorAdjustTest, AlphaAndGreysKeepWhatTheyHave) {
  EXPECT_EQ(Adjusted({77, 50, 0, 0}, 0x30303040), 0x30303040u);
  EXPECT_EQ(Adjusted({120, 0, 0, 0}, 0xFF000001), 0x00FF0001u);
}

}  // namespace
}  // namespace voxel
