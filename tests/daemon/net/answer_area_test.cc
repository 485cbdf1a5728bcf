#include "daemon/net/answer_area.h"

#include <optional>

#include "gtest/gtest.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

class AnswerAreaTest : public testing::Test {
 protected:
  void Answer(int colors) {
    auto* const response = static_cast<v1::GetVoxelsResponse*>(answer_.New(prototype_));
    for (int i = 0; i < colors; ++i) response->add_rgba(7);
  }
  const v1::GetVoxelsResponse prototype_;
  AnswerArea answer_;
};

TEST_F(AnswerAreaTest, WhatFitsTakesNothingOfTheHeap) {
  EXPECT_FALSE(answer_.use().has_value());
  Answer(100);
  const std::optional<AreaCounts::Use> use = answer_.use();
  ASSERT_TRUE(use.has_value());
  EXPECT_GE(use->bytes, 400u);
  EXPECT_LE(use->bytes, AnswerArea::kBytes);
  EXPECT_EQ(use->overflow, 0u);
  answer_.Clear();
  EXPECT_FALSE(answer_.use().has_value());
}

TEST_F(AnswerAreaTest, WhatDoesNotFitIsCounted) {
  AreaCounts counts;
  Answer(10);
  counts.Ended(*answer_.use());
  answer_.Clear();
  EXPECT_EQ(counts.overflows(), 0);
  Answer(5000);
  EXPECT_GE(answer_.use()->overflow, 20'000u);
  EXPECT_GE(answer_.use()->bytes, 20'000u);
  counts.Ended(*answer_.use());
  answer_.Clear();
  Answer(10);  // the block again
  EXPECT_EQ(answer_.use()->overflow, 0u);
  counts.Ended(*answer_.use());
  EXPECT_EQ(counts.ended(), 3);
  EXPECT_EQ(counts.overflows(), 1);
  EXPECT_GE(counts.overflow_bytes(), 20'000);
  EXPECT_GE(counts.peak_bytes(), 20'000);
  answer_.Clear();
}

}  // namespace
}  // namespace voxeld
