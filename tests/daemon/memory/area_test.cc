#include "daemon/memory/area.h"

#include <cstdint>
#include <cstring>
#include <optional>

#include "gtest/gtest.h"

namespace voxeld {
namespace {

class AreaTest : public testing::Test {
 protected:
  alignas(64) char block_[1024];
  Area area_{block_, sizeof block_};
};

TEST_F(AreaTest, AllocationsAreAlignedAndDoNotOverlap) {
  char* last = nullptr;
  for (const size_t alignment : {1, 8, 64, 16, 2}) {
    auto* const at = static_cast<char*>(area_.Allocate(33, alignment));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(at) % alignment, 0u);
    std::memset(at, 7, 33);
    if (last != nullptr) {
      EXPECT_TRUE(at >= last + 33 || at + 33 <= last);
    }
    last = at;
  }
}

TEST_F(AreaTest, WhatDoesNotFitComesFromTheHeapAndIsCounted) {
  if (voxel::PlainMemory()) GTEST_SKIP() << "all of it comes from the heap with plain memory";
  void* const first = area_.Allocate(1000);
  EXPECT_EQ(area_.overflows(), 0);
  void* const second = area_.Allocate(100);
  EXPECT_EQ(area_.overflows(), 1);
  std::memset(second, 1, 100);
  area_.Reset();
  EXPECT_EQ(area_.used(), 0u);
  EXPECT_EQ(area_.Allocate(1000), first);
}

TEST_F(AreaTest, AHoldThatOutlivesTheAreaIsNamed) {
  std::optional<Area::Hold> hold;
  hold.emplace(&area_, voxel::SourcePlace::current());
  EXPECT_DEATH(area_.Reset(), "area_test.cc:[0-9]+ holds on to what ends");
  hold.reset();
  area_.Reset();
}

}  // namespace
}  // namespace voxeld
