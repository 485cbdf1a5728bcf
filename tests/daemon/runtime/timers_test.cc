#include "daemon/runtime/timers.h"

#include <gtest/gtest.h>

#include <atomic>
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
