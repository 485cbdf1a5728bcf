#include "daemon/runtime/rcu_cell.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"

namespace voxeld {
namespace {

std::atomic<int> alive{0};

struct Counted : voxel::RefCounted<Counted> {
  explicit Counted(int64_t n) : number(n), check(~n) { alive.fetch_add(1); }
  ~Counted() {
    check = 0;  // whoever still reads sees it
    alive.fetch_sub(1);
  }
  int64_t number;
  int64_t check;
};

voxel::RefPtr<const Counted> Make(int64_t n) {
  return voxel::RefPtr<const Counted>::Adopt(new Counted(n));
}

TEST(RcuCellTest, LoadKeepsTheObjectAfterItWasReplaced) {
  RcuCell<Counted> cell(Make(1));
  const voxel::RefPtr<const Counted> first = cell.Load();
  cell.Store(Make(2));
  RcuBarrier();
  EXPECT_EQ(first->number, 1);
  EXPECT_EQ(first->check, ~int64_t{1});
  EXPECT_EQ(cell.Load()->number, 2);
}

TEST(RcuCellTest, ReplacedObjectsEndAfterAGracePeriod) {
  const int before = alive.load();
  {
    RcuCell<Counted> cell(Make(0));
    for (int i = 1; i <= 100; ++i) cell.Store(Make(i));
    RcuBarrier();
    EXPECT_EQ(alive.load(), before + 1);
  }
  EXPECT_EQ(alive.load(), before);
}

TEST(RcuCellTest, OpenReadSectionHoldsBackReclamation) {
  const int before = alive.load();
  RcuCell<Counted> cell(Make(1));
  absl::Notification inside;
  absl::Notification leave;
  std::thread reader([&] {
    RcuReadSection section;
    inside.Notify();
    leave.WaitForNotification();
  });
  inside.WaitForNotification();
  cell.Store(Make(2));
  absl::Notification dropped;
  RcuRetire(&dropped, [](void* n) { static_cast<absl::Notification*>(n)->Notify(); });
  EXPECT_FALSE(dropped.WaitForNotificationWithTimeout(absl::Milliseconds(50)));
  EXPECT_EQ(alive.load(), before + 2);
  leave.Notify();
  reader.join();
  dropped.WaitForNotification();
}

TEST(RcuTest, GracePeriodsThatFollowEachOtherAreCounted) {
  RcuBarrier();
  const RcuCounts before = CountRcu();
  for (int i = 0; i < 3; ++i) RcuBarrier();  // each retires something once the last has ended
  const RcuCounts after = CountRcu();
  EXPECT_EQ(after.grace_periods, before.grace_periods + 3);
  EXPECT_EQ(after.retired, before.retired + 3);
  EXPECT_EQ(after.waits.count(), before.waits.count() + 3);
  EXPECT_GT(after.waits.sum_ns, before.waits.sum_ns);
}

TEST(RcuTest, WhatWaitsForOneReaderWaitsForOneGracePeriod) {
  RcuBarrier();
  const RcuCounts before = CountRcu();
  absl::Notification inside;
  absl::Notification leave;
  std::thread reader([&] {
    RcuReadSection section;
    inside.Notify();
    leave.WaitForNotification();
  });
  inside.WaitForNotification();
  std::atomic<int> dropped{0};
  for (int i = 0; i < 10; ++i) {
    RcuRetire(&dropped, [](void* n) { static_cast<std::atomic<int>*>(n)->fetch_add(1); });
  }
  absl::Notification passed;
  EXPECT_FALSE(passed.WaitForNotificationWithTimeout(absl::Milliseconds(50)));
  const RcuCounts waiting = CountRcu();
  EXPECT_EQ(waiting.retired - waiting.dropped, 10);
  EXPECT_EQ(waiting.grace_periods, before.grace_periods);
  leave.Notify();
  reader.join();
  RcuBarrier();
  const RcuCounts after = CountRcu();
  EXPECT_EQ(dropped.load(), 10);
  EXPECT_GE(after.grace_periods, before.grace_periods + 1);
  EXPECT_LE(after.grace_periods, before.grace_periods + 2);  // the barrier's own may be another
  EXPECT_EQ(after.waits.count(), before.waits.count() + 11);
  EXPECT_GE(after.waits.sum_ns, before.waits.sum_ns + 10 * 50'000'000);
}

// Readers check a sum that the destructor breaks, while a writer publishes as fast as it can.
TEST(RcuCellTest, ReadersNeverSeeADeadOrOlderObject) {
  RcuCell<Counted> cell(Make(0));
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int r = 0; r < 4; ++r) {
    readers.emplace_back([&] {
      int64_t last = 0;
      while (!stop.load(std::memory_order_relaxed)) {
        const voxel::RefPtr<const Counted> seen = cell.Load();
        ASSERT_EQ(seen->check, ~seen->number);
        ASSERT_GE(seen->number, last);
        last = seen->number;
        ASSERT_TRUE(cell.Read([&](const Counted* c) { return c->check == ~c->number; }));
      }
    });
  }
  for (int i = 1; i <= 20'000; ++i) cell.Store(Make(i));
  stop.store(true);
  for (std::thread& reader : readers) reader.join();
  RcuBarrier();
}

}  // namespace
}  // namespace voxeld
