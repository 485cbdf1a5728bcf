#include "daemon/config/nearest_name.h"

#include "gtest/gtest.h"

namespace voxeld {
namespace {

TEST(NearestNameTest, ChangedAddedMissingAndSwappedLettersAreMistakes) {
  const std::vector<std::string> names = {"max-batch", "max-edits", "socket"};
  EXPECT_EQ(NearestName("max-batch", names), "max-batch");
  EXPECT_EQ(NearestName("max-bitch", names), "max-batch");
  EXPECT_EQ(NearestName("max-batches", names), "max-batch");
  EXPECT_EQ(NearestName("max-atch", names), "max-batch");
  EXPECT_EQ(NearestName("max-bacth", names), "max-batch");
  EXPECT_EQ(NearestName("max_edit", names), "max-edits");
}

TEST(NearestNameTest, WhatIsFarFromAllNamesIsNone) {
  EXPECT_EQ(NearestName("colour", {"max-batch", "socket"}), "");
  EXPECT_EQ(NearestName("", {"a"}), "");
  EXPECT_EQ(NearestName(std::string(1000, 'a'), {std::string(999, 'a')}), "");
}

}  // namespace
}  // namespace voxeld
