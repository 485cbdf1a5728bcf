#include "daemon/runtime/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <thread>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace voxeld {
namespace {

WorkerPoolOptions Threads(int min, int max) {
  WorkerPoolOptions options;
  options.min_threads = min;
  options.max_threads = max;
  return options;
}

TEST(WorkerPoolTest, RunsEveryTaskOnce) {
  std::atomic<int> runs{0};
  {
    WorkerPool pool(Threads(2, 4));
    for (int i = 0; i < 10'000; ++i) pool.Post([&runs] { runs.fetch_add(1); });
  }  // the destructor runs what is queued
  EXPECT_EQ(runs.load(), 10'000);
}

TEST(WorkerPoolTest, TasksPostedWhileItEndsRunToo) {
  std::atomic<int> runs{0};
  {
    WorkerPool pool(Threads(2, 2));
    std::function<void(int)> chain = [&](int left) {
      runs.fetch_add(1);
      if (left > 0) pool.Post([&chain, left] { chain(left - 1); });
    };
    pool.Post([&chain] { chain(100); });
    absl::Notification done;
    pool.Post([&done] { done.Notify(); });
    done.WaitForNotification();
    // `chain` must outlive the pool, which drains here.
    while (runs.load() < 101) std::this_thread::yield();
  }
  EXPECT_EQ(runs.load(), 101);
}

TEST(WorkerPoolTest, AThreadThatRestsSaysSoOnceUntilItWorksAgain) {
  std::atomic<int> rests{0};
  WorkerPoolOptions options = Threads(1, 1);
  options.idle_exit = absl::Milliseconds(5);
  options.rested = [&rests] { rests.fetch_add(1); };
  WorkerPool pool(options);
  for (int round = 1; round <= 3; ++round) {
    while (rests.load() < round) absl::SleepFor(absl::Milliseconds(1));
    absl::SleepFor(absl::Milliseconds(30));  // it wakes some times more
    EXPECT_EQ(rests.load(), round);
    absl::Notification done;
    pool.Post([&done] { done.Notify(); });
    done.WaitForNotification();
  }
}

TEST(WorkerPoolTest, GrowsForATaskBehindLongOnesWithNobodyPosting) {
  WorkerPool pool(Threads(2, 8));
  absl::Notification release;
  absl::BlockingCounter running(2);
  for (int i = 0; i < 2; ++i) {
    pool.Post([&] {
      running.DecrementCount();
      release.WaitForNotification();
    });
  }
  running.Wait();  // both first threads are stuck
  absl::Notification third;
  pool.Post([&third] { third.Notify(); });
  third.WaitForNotification();  // hangs if the pool did not grow
  EXPECT_GE(pool.threads(), 3);
  release.Notify();
}

TEST(WorkerPoolTest, WhatItsQueueTakesIsToldWithThePeak) {
  WorkerPool pool(Threads(1, 1));
  const MemoryUse::Bytes empty = pool.queue_bytes();
  EXPECT_EQ(empty.active, 0);
  EXPECT_GT(empty.allocated, 0);
  EXPECT_EQ(empty.peak, empty.allocated);
  absl::Notification running;
  absl::Notification release;
  pool.Post([&] {
    running.Notify();
    release.WaitForNotification();
  });
  running.WaitForNotification();
  for (int i = 0; i < 100; ++i) pool.Post([] {});
  const MemoryUse::Bytes some = pool.queue_bytes();
  EXPECT_EQ(some.allocated, empty.allocated);  // there was room
  EXPECT_EQ(some.active % 100, 0);
  EXPECT_GT(some.active, 0);
  for (int i = 0; i < 20'000; ++i) pool.Post([] {});
  const MemoryUse::Bytes full = pool.queue_bytes();
  EXPECT_GT(full.allocated, 2 * empty.allocated);
  EXPECT_EQ(full.active, full.allocated);
  absl::Notification done;
  release.Notify();
  pool.Post([&done] { done.Notify(); });
  done.WaitForNotification();
  const MemoryUse::Bytes after = pool.queue_bytes();
  EXPECT_EQ(after.allocated, empty.allocated);
  EXPECT_GE(after.peak, full.allocated);
}

TEST(WorkerPoolTest, NeverHasMoreThanMaxThreads) {
  WorkerPoolOptions options = Threads(1, 3);
  options.grow_after = absl::ZeroDuration();
  WorkerPool pool(options);
  // Three bodies meet; a fourth task can only run once one of them is done.
  auto* barrier = new absl::Barrier(3);  // whoever Block tells to deletes it
  absl::Mutex mu;
  std::set<std::thread::id> seen;
  absl::BlockingCounter done(30);
  for (int i = 0; i < 30; ++i) {
    pool.Post([&, i] {
      if (i < 3 && barrier->Block()) delete barrier;
      {
        absl::MutexLock lock(&mu);
        seen.insert(std::this_thread::get_id());
      }
      done.DecrementCount();
    });
  }
  done.Wait();
  EXPECT_EQ(pool.threads(), 3);
  EXPECT_LE(seen.size(), 3u);
}

TEST(WorkerPoolTest, ShrinksWhenIdle) {
  WorkerPoolOptions options = Threads(1, 4);
  options.grow_after = absl::ZeroDuration();
  options.idle_exit = absl::Milliseconds(1);
  WorkerPool pool(options);
  auto* barrier = new absl::Barrier(4);
  for (int i = 0; i < 4; ++i) {
    pool.Post([barrier] {
      if (barrier->Block()) delete barrier;
    });
  }
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  while (pool.threads() > 1 && absl::Now() < give_up) std::this_thread::yield();
  EXPECT_EQ(pool.threads(), 1);
  absl::Notification done;
  pool.Post([&done] { done.Notify(); });  // and still works
  done.WaitForNotification();
}

}  // namespace
}  // namespace voxeld
