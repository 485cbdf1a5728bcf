#include "daemon/memory/spares.h"

#include <string>

#include "gtest/gtest.h"
#include "voxel/base/plain_memory.h"

namespace voxeld {
namespace {

TEST(SparesTest, WhatWasGivenIsTakenWithItsMemory) {
  if (voxel::PlainMemory()) GTEST_SKIP() << "nothing is kept";
  Spares<std::string> spares;
  EXPECT_EQ(spares.Take(), nullptr);
  auto text = std::make_unique<std::string>();
  text->reserve(1000);
  std::string* const same = text.get();
  spares.Give(std::move(text));
  text = spares.Take();
  EXPECT_EQ(text.get(), same);
  EXPECT_GE(text->capacity(), 1000u);
  EXPECT_EQ(spares.Take(), nullptr);
}

TEST(SparesTest, AreBoundedAndGoWhenTrimmed) {
  if (voxel::PlainMemory()) GTEST_SKIP() << "nothing is kept";
  Spares<int, 2> spares;
  for (int i = 0; i < 3; ++i) spares.Give(std::make_unique<int>(i));
  EXPECT_EQ(*spares.Take(), 1);
  EXPECT_EQ(*spares.Take(), 0);
  EXPECT_EQ(spares.Take(), nullptr);
  spares.Give(std::make_unique<int>(7));
  spares.Trim();
  EXPECT_EQ(spares.Take(), nullptr);
}

}  // namespace
}  // namespace voxeld
