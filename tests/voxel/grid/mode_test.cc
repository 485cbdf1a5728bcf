#include "voxel/grid/mode.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace voxel {
namespace {

// Colours that meet every branch: clear, faint, half, nearly solid, solid.
constexpr Color kSamples[] = {
    kAir,          Rgba(10, 200, 255, 1), Rgba(255, 0, 7, 100), Rgba(3, 99, 250, 254),
    Rgba(1, 2, 3), Rgba(255, 255, 255),   Rgba(0, 0, 0)};

TEST(ModeTest, ResultsAreNormalizedInEveryMode) {
  for (int mode = 1; mode <= 9; ++mode) {
    for (Color a : kSamples) {
      for (Color b : kSamples) {
        const Color c = Blend(static_cast<Mode>(mode), a, b);
        EXPECT_EQ(c, Normalized(c)) << mode << " " << a << " " << b;
      }
    }
  }
}

TEST(ModeTest, AirMeetsAirAsAir) {
  for (int mode = 1; mode <= 9; ++mode) EXPECT_EQ(Blend(static_cast<Mode>(mode), kAir, kAir), kAir);
}

TEST(ModeTest, OverMixesByBothAlphas) {
  EXPECT_EQ(Blend(Mode::kOver, Rgba(9, 9, 9), Rgba(200, 0, 0)), Rgba(200, 0, 0));
  EXPECT_EQ(Blend(Mode::kOver, Rgba(9, 9, 9), kAir), Rgba(9, 9, 9));
  EXPECT_EQ(Blend(Mode::kOver, kAir, Rgba(5, 6, 7, 8)), Rgba(5, 6, 7, 8));
  // alpha 100 + 200*155/255 = 221; red (255*200*100 + 100*200*155) / (255*100 + 200*155) = 145
  EXPECT_EQ(Blend(Mode::kOver, Rgba(100, 0, 0, 200), Rgba(200, 0, 0, 100)), Rgba(145, 0, 0, 221));
}

TEST(ModeTest, SubtractionsTakeAlphaAway) {
  EXPECT_EQ(Blend(Mode::kSub, Rgba(1, 2, 3, 200), Rgba(0, 0, 0, 50)), Rgba(1, 2, 3, 150));
  EXPECT_EQ(Blend(Mode::kSub, Rgba(1, 2, 3, 50), Rgba(0, 0, 0, 50)), kAir);
  EXPECT_EQ(Blend(Mode::kSubClamp, Rgba(1, 2, 3, 200), Rgba(0, 0, 0, 100)), Rgba(1, 2, 3, 155));
  EXPECT_EQ(Blend(Mode::kSubClamp, Rgba(1, 2, 3, 100), Rgba(0, 0, 0, 100)), Rgba(1, 2, 3, 100));
  EXPECT_EQ(Blend(Mode::kSubClamp, Rgba(1, 2, 3, 100), Rgba(0, 0, 0)), kAir);
}

TEST(ModeTest, PaintKeepsAlphaAndRoundsTowardsTheOldColour) {
  EXPECT_EQ(Blend(Mode::kPaint, Rgba(100, 100, 0, 7), Rgba(200, 0, 0, 128)), Rgba(150, 50, 0, 7));
  EXPECT_EQ(Blend(Mode::kPaint, kAir, Rgba(200, 0, 0)), kAir);
}

TEST(ModeTest, MaxTakesTheColourAndTheGreaterAlpha) {
  EXPECT_EQ(Blend(Mode::kMax, Rgba(1, 1, 1, 200), Rgba(9, 9, 9, 100)), Rgba(9, 9, 9, 200));
  EXPECT_EQ(Blend(Mode::kMax, Rgba(1, 1, 1, 10), Rgba(9, 9, 9, 100)), Rgba(9, 9, 9, 100));
}

TEST(ModeTest, IntersectionsKeepTheSmallerAlpha) {
  EXPECT_EQ(Blend(Mode::kIntersect, Rgba(1, 1, 1, 200), Rgba(9, 9, 9, 100)), Rgba(1, 1, 1, 100));
  EXPECT_EQ(Blend(Mode::kIntersectFill, Rgba(1, 1, 1, 200), Rgba(9, 9, 9, 100)),
            Rgba(9, 9, 9, 100));
  EXPECT_EQ(Blend(Mode::kIntersect, Rgba(1, 1, 1), kAir), kAir);
  EXPECT_EQ(Blend(Mode::kIntersectFill, Rgba(1, 1, 1), kAir), kAir);
}

TEST(ModeTest, MultAlphaScalesAllFourChannels) {
  EXPECT_EQ(Blend(Mode::kMultAlpha, Rgba(100, 50, 255, 200), Rgba(7, 7, 7, 128)),
            Rgba(50, 25, 128, 100));
  EXPECT_EQ(Blend(Mode::kMultAlpha, Rgba(100, 50, 255, 200), kAir), kAir);
}

TEST(ModeTest, ReplaceTakesWhatIsPaintedAirToo) {
  EXPECT_EQ(Blend(Mode::kReplace, Rgba(1, 1, 1), Rgba(2, 2, 2, 2)), Rgba(2, 2, 2, 2));
  EXPECT_EQ(Blend(Mode::kReplace, Rgba(1, 1, 1), kAir), kAir);
}

TEST(ModeTest, OnlyTheIntersectionsActOutside) {
  for (int i = 1; i <= 9; ++i) {
    const Mode mode = static_cast<Mode>(i);
    EXPECT_EQ(ActsOutside(mode), mode == Mode::kIntersect || mode == Mode::kIntersectFill);
  }
}

}  // namespace
}  // namespace voxel
