#include "voxel/base/short_text.h"

#include <string>

#include "gtest/gtest.h"

namespace voxel {
namespace {

TEST(ShortTextTest, PutsTextsAndNumbersTogether) {
  const std::string name = "x";
  const std::string_view view = "view";
  EXPECT_EQ(ShortText(name, " is ", -3, ", ", uint64_t{7}, view).view(), "x is -3, 7view");
  EXPECT_EQ(ShortText().view(), "");
}

TEST(ShortTextTest, GrowsBeyondItsBytes) {
  std::string wanted;
  ShortText text;
  for (int i = 0; i < 300; ++i) {
    text.Append(ShortText(i, ";"));
    wanted += std::to_string(i) + ";";
    ASSERT_EQ(text.view(), wanted);
  }
  EXPECT_GT(wanted.size(), ShortText::kBytes);
}

TEST(ShortTextTest, TakesExactlyItsBytesAndOneMore) {
  const std::string full(ShortText::kBytes, 'a');
  ShortText text(full);
  EXPECT_EQ(text.view(), full);
  text.Append('b');
  EXPECT_EQ(text.view(), full + "b");
}

TEST(ShortTextTest, ACopyIsItsOwn) {
  ShortText text("a");
  const ShortText copy(text);
  text.Append("b");
  EXPECT_EQ(copy.view(), "a");
  EXPECT_EQ(text.view(), "ab");
}

}  // namespace
}  // namespace voxel
