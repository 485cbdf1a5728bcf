#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/base/plain_memory.h"
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

TEST(SlabPoolTest, AChunkMadeReadyIsTheNext) {
  SlabPool pool(5696);
  const int capacity = static_cast<int>(internal::SlabCapacity(5696));
  std::vector<void*> first(capacity);
  EXPECT_FALSE(pool.Allocate(first.data(), capacity));  // a small pool asks for nothing
  std::vector<void*> second(capacity);
  int asked = 0;
  for (int i = 0; i < capacity; ++i) {
    if (!pool.Allocate(&second[i], 1)) continue;
    EXPECT_EQ(i, capacity / 2);
    ++asked;
    pool.Free(first.data(), 1);  // room in an older one is no reason to do without
    pool.PrepareNext();
    pool.Allocate(first.data(), 1);
    EXPECT_EQ(pool.chunks(), 3);
    EXPECT_GE(pool.spare_bytes(), int64_t{capacity} * 5696);
    pool.PrepareNext();  // one is enough
    EXPECT_EQ(pool.chunks(), 3);
  }
  EXPECT_EQ(asked, 1);
  void* third;
  EXPECT_FALSE(pool.Allocate(&third, 1));
  EXPECT_EQ(pool.chunks(), 3);
  pool.Free(&third, 1);
  pool.Free(second.data(), capacity);
  pool.Free(first.data(), capacity);
  pool.ReturnFree();
  EXPECT_EQ(pool.chunks(), 0);
  EXPECT_EQ(pool.spare_bytes(), 0);
}

TEST(SlabPoolTest, UseThatGoesUpAndDownMakesNothingReadyAgain) {
  SlabPool pool(5696);
  const int capacity = static_cast<int>(internal::SlabCapacity(5696));
  std::vector<void*> kept(capacity);
  pool.Allocate(kept.data(), capacity);
  std::vector<void*> blocks(capacity * 3 / 4);
  const int n = static_cast<int>(blocks.size());
  EXPECT_TRUE(pool.Allocate(blocks.data(), n));
  pool.PrepareNext();
  for (int round = 0; round < 3; ++round) {
    pool.Free(blocks.data(), n);
    EXPECT_EQ(pool.chunks(), 2);  // the one that was not needed has gone
    EXPECT_FALSE(pool.Allocate(blocks.data(), n));
    EXPECT_EQ(pool.chunks(), 2);
  }
  pool.Free(blocks.data(), n);
  pool.Free(kept.data(), capacity);
}

TEST(SlabAllocatorTest, AHelperMakesChunksReady) {
  if (PlainMemory()) GTEST_SKIP() << "there are no chunks";
  std::vector<void (*)()> posted;
  SlabSetHelper([&](void (*work)()) { posted.push_back(work); });
  std::vector<void*> blocks;
  while (posted.empty() && blocks.size() < 2000) blocks.push_back(SlabAllocate(16448));
  SlabSetHelper(nullptr);
  ASSERT_EQ(posted.size(), 1u);
  const int64_t before = SlabMappedBytes();
  posted[0]();
  EXPECT_EQ(SlabMappedBytes(), before + int64_t{kSlabChunkBytes});
  posted[0]();  // nothing is wanted any more
  EXPECT_EQ(SlabMappedBytes(), before + int64_t{kSlabChunkBytes});
  const int64_t spare = SlabSpareBytes();
  while (SlabSpareBytes() > spare / 2) blocks.push_back(SlabAllocate(16448));
  EXPECT_EQ(SlabMappedBytes(), before + int64_t{kSlabChunkBytes});
  for (void* block : blocks) SlabFree(block, 16448);
  SlabFlushThread();
  SlabReturnFree();
}

// Of the chunk's pages, in bytes.
size_t ResidentBytesOf(void* block) {
  const uintptr_t chunk = reinterpret_cast<uintptr_t>(block) & ~(kSlabChunkBytes - 1);
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> there(kSlabChunkBytes / page);
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  EXPECT_EQ(mincore(reinterpret_cast<void*>(chunk), kSlabChunkBytes, there.data()), 0);
  return page * static_cast<size_t>(std::count_if(there.begin(), there.end(),
                                                  [](unsigned char byte) { return byte & 1; }));
}

class SlabPagesTest : public testing::TestWithParam<uint32_t> {
 protected:
  const uint32_t bytes_ = GetParam();
  const size_t capacity_ = internal::SlabCapacity(bytes_);
  SlabPool pool_{bytes_};
};

TEST_P(SlabPagesTest, FreePagesOfAChunkGoAndComeAgain) {
  std::vector<void*> blocks(capacity_);
  pool_.Allocate(blocks.data(), static_cast<int>(capacity_));
  for (void* block : blocks) std::memset(block, 0xab, bytes_);
  std::vector<void*> kept;
  std::vector<void*> freed;
  // Neighbours that are free in runs of all lengths, in any order.
  uint32_t random = 1;
  for (size_t i = 0; i < capacity_; ++i) {
    random = random * 1664525 + 1013904223;
    const bool keep = i > capacity_ / 8 && i < capacity_ / 4 ? (random >> 30) == 0 : i % 97 == 0;
    (keep ? kept : freed).push_back(blocks[i]);
  }
  for (size_t i = freed.size() - 1; i > 0; --i) {
    random = random * 1664525 + 1013904223;
    std::swap(freed[i], freed[random % (i + 1)]);
  }
  pool_.Free(freed.data(), static_cast<int>(freed.size()));
  EXPECT_EQ(pool_.spare_bytes(), static_cast<int64_t>(freed.size() * bytes_));
  const int64_t held = pool_.held_bytes();
  EXPECT_GT(ResidentBytesOf(kept[0]), kSlabChunkBytes * 9 / 10);
  pool_.ReturnFree();
  EXPECT_LT(ResidentBytesOf(kept[0]), kSlabChunkBytes / 2);
  EXPECT_LT(pool_.held_bytes(), held / 2);
  EXPECT_EQ(pool_.spare_bytes(), 0);
  EXPECT_EQ(pool_.chunks(), 1);
  for (void* block : kept) {
    EXPECT_EQ(static_cast<unsigned char*>(block)[bytes_ - 1], 0xab);
  }
  // All are handed out again, each once, some of them twice by the way.
  std::vector<void*> again(freed.size());
  for (size_t i = 0; i < again.size(); ++i) {
    pool_.Allocate(&again[i], 1);
    std::memset(again[i], 0xcd, bytes_);
    if (i % 3 != 0) continue;
    pool_.Free(&again[i], 1);
    pool_.Allocate(&again[i], 1);
  }
  EXPECT_EQ(std::set<void*>(again.begin(), again.end()),
            std::set<void*>(freed.begin(), freed.end()));
  EXPECT_EQ(pool_.chunks(), 1);
  for (void* block : kept) {
    EXPECT_EQ(static_cast<unsigned char*>(block)[0], 0xab);
    EXPECT_EQ(static_cast<unsigned char*>(block)[bytes_ - 1], 0xab);
  }
  pool_.Free(blocks.data(), static_cast<int>(capacity_));
}

TEST_P(SlabPagesTest, ManyChunksGiveTheirsBackWhileOthersWork) {
  std::atomic<bool> stop{false};
  std::thread other([&] {
    std::vector<unsigned char*> mine;
    for (uint32_t random = 1; !stop.load();) {
      random = random * 1664525 + 1013904223;
      if (mine.size() < capacity_ && (random >> 30) != 0) {
        void* block;
        pool_.Allocate(&block, 1);
        mine.push_back(static_cast<unsigned char*>(block));
        mine.back()[0] = mine.back()[bytes_ - 1] = 7;
      } else if (!mine.empty()) {
        std::swap(mine.back(), mine[random % mine.size()]);
        EXPECT_EQ(mine.back()[bytes_ - 1], 7);
        void* const block = mine.back();
        pool_.Free(&block, 1);
        mine.pop_back();
      }
    }
    for (unsigned char* block : mine) {
      void* const freed = block;
      pool_.Free(&freed, 1);
    }
  });
  std::vector<void*> blocks(20 * capacity_);
  pool_.Allocate(blocks.data(), static_cast<int>(blocks.size()));
  for (void* block : blocks) std::memset(block, 0xab, bytes_);
  std::vector<void*> kept;
  for (size_t i = 0; i < blocks.size(); ++i) {
    i % capacity_ == 5 ? kept.push_back(blocks[i]) : pool_.Free(&blocks[i], 1);
  }
  for (int i = 0; i < 3; ++i) pool_.ReturnFree();
  for (void* block : kept) {
    EXPECT_EQ(static_cast<unsigned char*>(block)[bytes_ - 1], 0xab);
    pool_.Free(&block, 1);
  }
  stop.store(true);
  other.join();
  pool_.ReturnFree();
  EXPECT_EQ(pool_.used_blocks(), 0);
  EXPECT_EQ(pool_.chunks(), 0);
  EXPECT_EQ(pool_.spare_bytes(), 0);
  EXPECT_EQ(pool_.held_bytes(), 0);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SlabPagesTest, testing::ValuesIn(kSlabBytes));

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
  SlabReturnFree();
  const int64_t mapped = SlabMappedBytes();
  void* const kept = SlabAllocate(2000);
  std::vector<void*> blocks(3 * kSlabChunkBytes / kSlabBytes.back());
  for (void*& block : blocks) block = SlabAllocate(kSlabBytes.back());
  for (void* const block : blocks) SlabFree(block, kSlabBytes.back());
  SlabFlushThread();
  SlabReturnFree();
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
