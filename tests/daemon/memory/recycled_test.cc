#include "daemon/memory/recycled.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace voxeld {
namespace {

struct Guest {
  explicit Guest(std::string name_in) : name(std::move(name_in)) { ++living; }
  ~Guest() { --living; }

  static inline int living = 0;
  std::string name;
};

struct alignas(128) Wide {
  std::array<char, 200> bytes;
};

class RecycledTest : public testing::Test {
 protected:
  RecycledTest() { voxel::TrimRecycled(); }

  // How many bytes are kept, as the size of one that was let go of.
  static int64_t Kept() { return voxel::RecycledBytes(); }
  static bool keeps() { return !voxel::PlainMemory(); }
};

TEST_F(RecycledTest, WhatOneLeavesIsTheNextOnes) {
  const void* first = nullptr;
  {
    const std::shared_ptr<Guest> guest = MakeRecycled<Guest>("a");
    EXPECT_EQ(guest->name, "a");
    EXPECT_EQ(Guest::living, 1);
    first = guest.get();
    EXPECT_EQ(Kept(), 0);
  }
  EXPECT_EQ(Guest::living, 0);
  EXPECT_EQ(Kept() > 0, keeps());
  const std::shared_ptr<Guest> guest = MakeRecycled<Guest>("b");
  EXPECT_EQ(guest->name, "b");
  if (keeps()) {
    EXPECT_EQ(guest.get(), first);
  }
  EXPECT_EQ(Kept(), 0);
}

TEST_F(RecycledTest, MemoryIsGivenBackWhenTheLastHolderGoes) {
  std::shared_ptr<Guest> guest = MakeRecycled<Guest>("a");
  std::weak_ptr<Guest> weak = guest;
  std::thread([holder = std::move(guest)]() mutable { holder = nullptr; }).join();
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(Kept(), 0);  // who may still ask for it holds a part of the block
  weak.reset();
  EXPECT_EQ(Kept() > 0, keeps());
}

TEST_F(RecycledTest, TypesAreKeptApartAndAligned) {
  MakeRecycled<Guest>("a");
  const int64_t guests = Kept();
  const std::shared_ptr<Wide> wide = MakeRecycled<Wide>();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(wide.get()) % alignof(Wide), 0u);
  wide->bytes.fill('x');
  EXPECT_EQ(Kept(), guests);
}

TEST_F(RecycledTest, KeepsNoMoreThanItSays) {
  MakeRecycled<Guest>("a");
  const int64_t one = Kept();
  std::vector<std::shared_ptr<Guest>> guests;
  for (size_t i = 0; i < kMostSpare + 10; ++i) guests.push_back(MakeRecycled<Guest>("a"));
  EXPECT_EQ(Kept(), 0);
  guests.clear();
  EXPECT_EQ(Kept(), one * static_cast<int64_t>(kMostSpare));
  EXPECT_EQ(voxel::TrimRecycled(), one * static_cast<int64_t>(kMostSpare));
  EXPECT_EQ(Kept(), 0);
}

}  // namespace
}  // namespace voxeld
