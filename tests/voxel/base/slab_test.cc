#include <cstdint>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/base/slab_allocator.h"
#include "voxel/base/slab_pool.h"

namespace voxel {
namespace {

using internal::kSlabChunkBytes;
using internal::SlabPool;

TEST(SlabPoolTest, BlocksAreAlignedAndDoNotOverlap) {
  SlabPool pool(576);
  std::vector<void*> blocks(5000);  // more than one chunk
  pool.Allocate(blocks.data(), 5000);
  std::set<uintptr_t> begins;
  for (void* block : blocks) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 64, 0u);
    begins.insert(reinterpret_cast<uintptr_t>(block));
    std::memset(block, 0xab, 576);
  }
  uintptr_t last = 0;
  for (uintptr_t begin : begins) {
    EXPECT_GE(begin - last, 576u);
    last = begin;
  }
  EXPECT_EQ(begins.size(), 5000u);
  EXPECT_EQ(pool.used_blocks(), 5000);
  pool.Free(blocks.data(), 5000);
}

TEST(SlabPoolTest, GivesEmptyChunksBack) {
  SlabPool pool(16960);
  std::vector<void*> blocks(1000);
  pool.Allocate(blocks.data(), 1000);
  EXPECT_GE(pool.chunks(), 8);
  pool.Free(blocks.data(), 1000);
  EXPECT_EQ(pool.used_blocks(), 0);
  EXPECT_LE(pool.chunks(), 1);
}

TEST(SlabPoolTest, UsesFreedBlocksBeforeNewChunks) {
  SlabPool pool(2688);
  std::vector<void*> blocks(kSlabChunkBytes / 2688 - 1);
  const int n = static_cast<int>(blocks.size());
  for (int round = 0; round < 10; ++round) {
    pool.Allocate(blocks.data(), n);
    pool.Free(blocks.data(), n);
  }
  EXPECT_EQ(pool.chunks(), 1);
}

TEST(SlabPoolTest, FindsRoomInAChunkThatWasFull) {
  SlabPool pool(16960);
  const int capacity = static_cast<int>(kSlabChunkBytes / 16960);
  std::vector<void*> blocks(capacity);
  pool.Allocate(blocks.data(), capacity);
  void* const freed = blocks[3];
  pool.Free(&blocks[3], 1);
  pool.Allocate(&blocks[3], 1);
  EXPECT_EQ(blocks[3], freed);
  EXPECT_EQ(pool.chunks(), 1);
  pool.Free(blocks.data(), capacity);
}

TEST(SlabAllocatorTest, RoundsUpToItsSizes) {
  EXPECT_EQ(SlabRoundUp(1), kSlabBytes[0]);
  EXPECT_EQ(SlabRoundUp(kSlabBytes[0]), kSlabBytes[0]);
  EXPECT_EQ(SlabRoundUp(kSlabBytes[0] + 1), kSlabBytes[1]);
  EXPECT_EQ(SlabRoundUp(kSlabBytes.back()), kSlabBytes.back());
}

TEST(SlabAllocatorTest, BlocksMayBeFreedOnAnotherThread) {
  constexpr int kBlocks = 20000;
  std::vector<unsigned char*> blocks(kBlocks);
  std::thread([&] {
    for (int i = 0; i < kBlocks; ++i) {
      blocks[i] = static_cast<unsigned char*>(SlabAllocate(2000));
      std::memset(blocks[i], i & 255, 2000);
    }
  }).join();
  std::thread([&] {
    for (int i = 0; i < kBlocks; ++i) {
      ASSERT_EQ(blocks[i][0], i & 255);
      ASSERT_EQ(blocks[i][1999], i & 255);
      SlabFree(blocks[i], 2000);
    }
  }).join();
  SlabFlushThread();
  // Under sanitizers blocks come from elsewhere and nothing is mapped at all.
  EXPECT_LE(SlabMappedBytes(), int64_t{16} * static_cast<int64_t>(kSlabChunkBytes));
}

TEST(SlabAllocatorTest, EmptyChunksGoWhenAsked) {
  SlabFlushThread();
  SlabReturnEmpty();
  const int64_t mapped = SlabMappedBytes();
  void* const kept = SlabAllocate(2000);
  std::vector<void*> blocks(3 * kSlabChunkBytes / kSlabBytes.back());
  for (void*& block : blocks) block = SlabAllocate(kSlabBytes.back());
  for (void* const block : blocks) SlabFree(block, kSlabBytes.back());
  SlabFlushThread();
  SlabReturnEmpty();
  // All but the chunk of the block that is in use, if blocks come from chunks at all.
  EXPECT_LE(SlabMappedBytes(), mapped + static_cast<int64_t>(kSlabChunkBytes));
  std::memset(kept, 1, 2000);
  SlabFree(kept, 2000);
}

TEST(SlabAllocatorTest, ThreadsUseItAtTheSameTime) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      std::vector<unsigned char*> mine;
      uint32_t random = static_cast<uint32_t>(t) + 1;
      for (int i = 0; i < 20000; ++i) {
        random = random * 1664525 + 1013904223;
        if (mine.size() < 500 && (random >> 30) != 0) {
          mine.push_back(static_cast<unsigned char*>(SlabAllocate(kSlabBytes[0])));
          std::memset(mine.back(), t, kSlabBytes[0]);
        } else if (!mine.empty()) {
          ASSERT_EQ(mine.back()[kSlabBytes[0] - 1], t);
          SlabFree(mine.back(), kSlabBytes[0]);
          mine.pop_back();
        }
      }
      for (unsigned char* block : mine) SlabFree(block, kSlabBytes[0]);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace voxel
