#include "daemon/memory/area.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/base/plain_memory.h"

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

// What a block held as it was given back to the heap.
class FreedBlock {
 public:
  static void Watch(void* block, size_t bytes) {
    block_ = static_cast<unsigned char*>(block);
    left_.assign(bytes, 0);
    freed_ = false;
  }
  static void Freed(void* block) {
    if (block == nullptr || block != block_) return;
    std::memcpy(left_.data(), block_, left_.size());
    block_ = nullptr;
    freed_ = true;
  }
  static bool freed() { return freed_; }
  static bool HoldsOnly(unsigned char byte) {
    return std::all_of(left_.begin(), left_.end(), [byte](unsigned char c) { return c == byte; });
  }

 private:
  static inline unsigned char* block_ = nullptr;
  static inline std::vector<unsigned char> left_;
  static inline bool freed_ = false;
};

// A process of its own, where nothing is kept: PlainMemory() is for all of a process.
class PlainAreaTest : public AreaTest {
 protected:
  template <typename Fn>
  static void ExpectPlain(Fn passes) {
    EXPECT_EXIT(
        {
          voxel::SetPlainMemory();
          std::_Exit(passes() ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
  }
};

TEST_F(PlainAreaTest, EachAllocationIsOneOfTheHeap) {
  ExpectPlain([this] {
    auto* const first = static_cast<char*>(area_.Allocate(8));
    auto* const second = static_cast<char*>(area_.Allocate(8));
    const auto within = [this](char* at) { return at >= block_ && at < block_ + sizeof block_; };
    return !within(first) && !within(second) && area_.used() == 0 && area_.overflows() == 0;
  });
}

TEST_F(PlainAreaTest, WhatEndsIsPoisoned) {
  ExpectPlain([this] {
    constexpr size_t kBytes = 100;
    void* const piece = area_.Allocate(kBytes, 64);
    std::memset(piece, 7, kBytes);
    FreedBlock::Watch(piece, kBytes);
    area_.Reset();
    return FreedBlock::freed() && FreedBlock::HoldsOnly(Area::kPoison);
  });
}

TEST_F(PlainAreaTest, AHoldThatOutlivesTheAreaIsNamedToo) {
  EXPECT_DEATH(
      {
        voxel::SetPlainMemory();
        area_.Allocate(8);
        const Area::Hold hold(&area_);
        area_.Reset();
      },
      "area_test.cc:[0-9]+ holds on to what ends");
}

}  // namespace
}  // namespace voxeld

// What an area takes of the heap, so that it can be seen as it is given back.
void* operator new(size_t bytes, std::align_val_t alignment) {
  const size_t align = std::max(static_cast<size_t>(alignment), alignof(std::max_align_t));
  void* const block = std::aligned_alloc(align, (bytes + align - 1) / align * align);
  if (block == nullptr) std::abort();
  return block;
}
void operator delete(void* block, std::align_val_t) noexcept {
  voxeld::FreedBlock::Freed(block);
  std::free(block);
}
void operator delete(void* block, size_t, std::align_val_t alignment) noexcept {
  ::operator delete(block, alignment);
}
