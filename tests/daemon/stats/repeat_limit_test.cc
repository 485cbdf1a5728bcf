#include "daemon/stats/repeat_limit.h"

#include "gtest/gtest.h"

namespace voxeld {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

TEST(RepeatLimitTest, AFewComeThroughAndTheNextSaysHowManyDidNot) {
  RepeatLimit limit(2, absl::Seconds(10));
  EXPECT_EQ(limit.Admit(1, kStart), 0);
  EXPECT_EQ(limit.Admit(1, kStart), 0);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(limit.Admit(1, kStart + absl::Seconds(9)), std::nullopt);
  EXPECT_EQ(limit.Admit(1, kStart + absl::Seconds(10)), 7);
  EXPECT_EQ(limit.Admit(1, kStart + absl::Seconds(10)), 0);
}

TEST(RepeatLimitTest, KindsDoNotHoldEachOtherUp) {
  RepeatLimit limit(1, absl::Seconds(10));
  EXPECT_EQ(limit.Admit(1, kStart), 0);
  EXPECT_EQ(limit.Admit(2, kStart), 0);
  EXPECT_EQ(limit.Admit(1, kStart), std::nullopt);
}

TEST(RepeatLimitTest, AClockThatIsSetBackSilencesNothing) {
  RepeatLimit limit(1, absl::Seconds(10));
  EXPECT_EQ(limit.Admit(1, kStart), 0);
  EXPECT_EQ(limit.Admit(1, kStart - absl::Hours(1)), 0);
}

TEST(RepeatLimitTest, WhoTakesAPlaceTellsOfWhoWasThere) {
  RepeatLimit limit(1, absl::Seconds(10));
  EXPECT_EQ(limit.Admit(1, kStart), 0);
  EXPECT_EQ(limit.Admit(1, kStart), std::nullopt);
  EXPECT_EQ(limit.Admit(65, kStart), 1);
}

}  // namespace
}  // namespace voxeld
