#include "daemon/runtime/timers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "absl/synchronization/notification.h"

namespace voxeld {
namespace {

TEST(TimersTest, CallsComeInTheOrderOfTheirTimesAndNotBefore) {
  std::vector<int> order;
  absl::Notification done;
  const auto begin = Timers::Clock::now();
  Timers timers;
  timers.After(absl::Milliseconds(40), [&] {
    order.push_back(40);
    done.Notify();
  });
  timers.After(absl::Milliseconds(20), [&] { order.push_back(20); });  // wakes the thread
  timers.After(absl::ZeroDuration(), [&] { order.push_back(0); });
  timers.After(-absl::Seconds(1), [] {});
  done.WaitForNotification();
  EXPECT_EQ(order, (std::vector<int>{0, 20, 40}));
  EXPECT_GE(Timers::Clock::now() - begin, std::chrono::milliseconds(40));
}

TEST(TimersTest, ACallMayAskForAnother) {
  absl::Notification done;
  Timers timers;
  timers.After(absl::ZeroDuration(),
               [&] { timers.After(absl::Milliseconds(1), [&] { done.Notify(); }); });
  done.WaitForNotification();
}

TEST(TimersTest, WhatIsCancelledIsDroppedAndNeverCalled) {
  absl::Notification done;
  const auto held = std::make_shared<int>(1);
  Timers timers;
  const auto when = Timers::Clock::now() + std::chrono::hours(1);
  const Timers::Id first = timers.At(when, [held] { ADD_FAILURE(); });
  const Timers::Id second = timers.At(when, [] {});  // of the same time, and not the same call
  EXPECT_TRUE(timers.Cancel(first));
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(timers.Cancel(first));
  EXPECT_EQ(timers.waiting(), 1u);
  timers.After(absl::Milliseconds(1), [&] { done.Notify(); });
  done.WaitForNotification();
  EXPECT_EQ(timers.waiting(), 1u);
  EXPECT_TRUE(timers.Cancel(second));
}

TEST(TimersTest, OneThatHasBegunIsNotCancelled) {
  absl::Notification begun;
  absl::Notification may_end;
  Timers timers;
  const Timers::Id id = timers.After(absl::ZeroDuration(), [&] {
    begun.Notify();
    may_end.WaitForNotification();
  });
  begun.WaitForNotification();
  EXPECT_FALSE(timers.Cancel(id));
  may_end.Notify();
}

// The thread sleeps until the first of them, and then finds another one.
TEST(TimersTest, WhatIsLeftOfThoseThatWereCancelledComesInTime) {
  absl::Notification done;
  Timers timers;
  for (int round = 0; round < 100; ++round) {
    const Timers::Id id = timers.After(absl::Milliseconds(1), [] {});
    timers.Cancel(id);
  }
  const auto begin = Timers::Clock::now();
  timers.After(absl::Milliseconds(30), [&] { done.Notify(); });
  done.WaitForNotification();
  EXPECT_GE(Timers::Clock::now() - begin, std::chrono::milliseconds(30));
}

TEST(TimersTest, WhatStillWaitsIsDropped) {
  const auto held = std::make_shared<int>(1);
  {
    Timers timers;
    timers.After(absl::Hours(1), [held] { FAIL(); });
    timers.After(absl::InfiniteDuration(), [held] { FAIL(); });
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace voxeld
