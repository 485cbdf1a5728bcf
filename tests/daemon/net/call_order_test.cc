#include "daemon/net/call_order.h"

#include "daemon/service/method_table.h"
#include "gtest/gtest.h"

namespace voxeld {
namespace {

TEST(CallOrderTest, ReadsRunBesideReadsOnly) {
  CallOrder order;
  order.Started(CallClass::kRead);
  EXPECT_TRUE(order.MayStart(CallClass::kRead));
  EXPECT_FALSE(order.MayStart(CallClass::kStrandWrite));
  EXPECT_FALSE(order.MayStart(CallClass::kBarrier));
}

TEST(CallOrderTest, StrandWritesRunBesideStrandWritesOnly) {
  CallOrder order;
  order.Started(CallClass::kStrandWrite);
  EXPECT_TRUE(order.MayStart(CallClass::kStrandWrite));
  EXPECT_FALSE(order.MayStart(CallClass::kRead));
  EXPECT_FALSE(order.MayStart(CallClass::kBarrier));
}

TEST(CallOrderTest, BarriersRunAlone) {
  CallOrder order;
  order.Started(CallClass::kBarrier);
  for (const CallClass next : {CallClass::kRead, CallClass::kStrandWrite, CallClass::kBarrier}) {
    EXPECT_FALSE(order.MayStart(next));
  }
  order.Finished();
  EXPECT_TRUE(order.MayStart(CallClass::kBarrier));
}

TEST(CallOrderTest, TheLastToFinishOpensTheWay) {
  CallOrder order;
  order.Started(CallClass::kRead);
  order.Started(CallClass::kRead);
  order.Finished();
  EXPECT_FALSE(order.MayStart(CallClass::kStrandWrite));
  order.Finished();
  EXPECT_TRUE(order.MayStart(CallClass::kStrandWrite));
}

TEST(CallOrderTest, MethodsFallIntoTheirClasses) {
  const MethodTable methods;
  const auto of = [&](const char* name) { return ClassOf(*methods.FindByName(name)); };
  EXPECT_EQ(of("voxel.get"), CallClass::kRead);
  EXPECT_EQ(of("history.watch"), CallClass::kRead);
  EXPECT_EQ(of("voxel.apply_edits"), CallClass::kStrandWrite);
  EXPECT_EQ(of("project.update"), CallClass::kStrandWrite);
  EXPECT_EQ(of("project.create"), CallClass::kBarrier);
  EXPECT_EQ(of("project.delete"), CallClass::kStrandWrite);
  EXPECT_EQ(of("project.clone"), CallClass::kBarrier);
  EXPECT_EQ(of("transfer.import"), CallClass::kBarrier);
}

}  // namespace
}  // namespace voxeld
