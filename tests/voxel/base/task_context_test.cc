#include "voxel/base/task_context.h"

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "voxel/base/error.h"

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
  context.deadline = absl::Now() + absl::Hours(1);
  EXPECT_TRUE(context.Check().ok());
  context.deadline = absl::Now() - absl::Seconds(1);
  EXPECT_EQ(ReasonOf(context.Check()), "DEADLINE_PASSED");
}

}  // namespace
}  // namespace voxel
