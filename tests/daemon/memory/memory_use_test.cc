#include "daemon/memory/memory_use.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/base/recycler.h"
#include "voxel/base/slab_allocator.h"

namespace voxeld {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

class MemoryUseTest : public testing::Test {
 protected:
  MemoryUse::Bytes Of(std::string_view wanted) const {
    MemoryUse::Bytes found;
    use_.ForEach([&](std::string_view purpose, const MemoryUse::Bytes& bytes) {
      if (purpose == wanted) found = bytes;
    });
    return found;
  }
  MemoryUse use_;
};

// Nobody asked while it was there.
TEST_F(MemoryUseTest, APeakOfAGaugeIsSeenLater) {
  use_.request.Add(1000, 600);
  use_.request.Add(5000, 5000);
  use_.request.Add(-5500, -5500);
  const MemoryUse::Bytes request = Of("request");
  EXPECT_EQ(request.allocated, 500);
  EXPECT_EQ(request.active, 100);
  EXPECT_EQ(request.peak, 6000);
  EXPECT_EQ(Of("response").peak, 0);
}

TEST_F(MemoryUseTest, APeakOfVoxelsIsSeenLater) {
  constexpr size_t kBlock = 16448;
  const MemoryUse::Bytes before = Of("voxels");
  std::vector<void*> blocks(64 * kMiB / kBlock);
  for (void*& block : blocks) block = voxel::SlabAllocate(kBlock);
  for (void* const block : blocks) voxel::SlabFree(block, kBlock);
  voxel::SlabFlushThread();
  voxel::SlabReturnFree();
  const MemoryUse::Bytes after = Of("voxels");
  EXPECT_LT(after.allocated, before.allocated + 4 * kMiB);
  EXPECT_GE(after.peak, before.allocated + 60 * kMiB);
  // Chunks of 2 MiB, their headers, and one that is not full.
  EXPECT_LE(after.peak, before.peak + 70 * kMiB);
}

// What is given back within chunks is taken again: that is a peak, too.
TEST_F(MemoryUseTest, PagesThatComeBackCountForThePeak) {
  if (voxel::PlainMemory()) GTEST_SKIP() << "there are no chunks";
  constexpr size_t kBlock = 16448;
  std::vector<void*> kept;
  std::vector<void*> freed;
  const auto fill = [&] {
    for (int64_t i = 0; i < 32 * kMiB / static_cast<int64_t>(kBlock); ++i) {
      (i % 50 == 0 ? kept : freed).push_back(voxel::SlabAllocate(kBlock));
    }
  };
  const auto empty = [&] {
    for (void* const block : freed) voxel::SlabFree(block, kBlock);
    freed.clear();
    voxel::SlabFlushThread();
    voxel::SlabReturnFree();
  };
  fill();
  empty();
  const MemoryUse::Bytes sparse = Of("voxels");
  for (int i = 0; i < 4; ++i) fill();  // into the free pages first
  const int64_t most = Of("voxels").allocated;
  EXPECT_GE(most, sparse.allocated + 4 * 30 * kMiB);
  empty();
  // As long as that much is there, it would be told for the peak whatever was counted.
  EXPECT_LT(Of("voxels").allocated, most / 2);
  EXPECT_EQ(Of("voxels").peak, most);
  for (void* const block : kept) voxel::SlabFree(block, kBlock);
  voxel::SlabFlushThread();
  voxel::SlabReturnFree();
}

TEST_F(MemoryUseTest, APeakOfCachesIsSeenLater) {
  if (voxel::PlainMemory()) GTEST_SKIP() << "nothing is kept";
  struct Large {
    char bytes[1000];
  };
  // Recyclers live for the process.
  static auto* const recycler = new voxel::Recycler<Large, 1000>();
  const int64_t before = Of("cache").allocated;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(recycler->Give(new Large()));
  EXPECT_EQ(Of("cache").allocated, before + 1'000'000);
  for (int i = 0; i < 300; ++i) delete recycler->Take();
  EXPECT_EQ(voxel::TrimRecycled(), before + 700'000);
  const MemoryUse::Bytes after = Of("cache");
  EXPECT_EQ(after.allocated, 0);
  const int64_t uncounted = static_cast<int64_t>(voxel::kCountedTogether * sizeof(Large));
  EXPECT_GE(after.peak, before + 1'000'000 - uncounted);
  EXPECT_LE(after.peak, before + 1'000'000);
}

TEST_F(MemoryUseTest, TasksTellTheirOwnPeak) {
  use_.CountTasks([] { return MemoryUse::Bytes{.allocated = 10, .active = 5, .peak = 30}; });
  EXPECT_EQ(Of("tasks").peak, 30);
}

}  // namespace
}  // namespace voxeld
