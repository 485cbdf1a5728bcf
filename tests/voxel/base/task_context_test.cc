#include "voxel/base/task_context.h"

#include "gtest/gtest.h"
#include "voxel/base/error.h"
#include "voxel/base/slab_allocator.h"
#include "voxel/base/steady_time.h"

namespace voxel {
namespace {

TEST(TaskContextTest, IsFineByDefault) { EXPECT_TRUE(TaskContext().Check().ok()); }

TEST(TaskContextTest, SaysThatItWasCancelled) {
  CancelToken token;
  TaskContext context;
  context.cancel = &token;
  EXPECT_TRUE(context.Check().ok());
  token.Cancel();
  EXPECT_EQ(ReasonOf(context.Check()), "CALL_CANCELLED");
}

TEST(TaskContextTest, SaysThatTheDeadlinePassed) {
  TaskContext context;
  context.deadline = SteadyNow() + absl::Hours(1);
  EXPECT_TRUE(context.Check().ok());
  context.deadline = SteadyNow() - absl::Seconds(1);
  EXPECT_EQ(ReasonOf(context.Check()), "DEADLINE_PASSED");
}

TEST(TaskContextTest, SaysHowMuchMemoryTheWorkTookAndMayTake) {
  TaskContext context;
  context.max_new_bytes = 1000;
  EXPECT_TRUE(context.CheckMemory(1000).ok());
  const absl::Status refused = context.CheckMemory(1001);
  EXPECT_EQ(ReasonOf(refused), "LIMIT_MEMORY");
  EXPECT_NE(refused.message().find("1001 bytes of memory so far; at most 1000"),
            absl::string_view::npos);
}

TEST(TaskContextTest, LooksAtTheMemoryOfAllVolumes) {
  void* const block = SlabAllocate(kSlabBytes[0]);
  TaskContext context;
  context.max_total_bytes = SlabUsedBytes();
  EXPECT_TRUE(context.Check().ok());
  context.max_total_bytes = SlabUsedBytes() - 1;
  EXPECT_EQ(ReasonOf(context.Check()), "LIMIT_MEMORY");
  SlabFree(block, kSlabBytes[0]);
  SlabFlushThread();
  EXPECT_TRUE(context.Check().ok());
}

}  // namespace
}  // namespace voxel
