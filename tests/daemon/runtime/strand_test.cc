#include "daemon/runtime/strand.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"

namespace voxeld {
namespace {

WorkerPoolOptions Threads(int threads) {
  WorkerPoolOptions options;
  options.min_threads = threads;
  options.max_threads = threads;
  return options;
}

TEST(StrandTest, RunsTasksOneAtATimeInOrder) {
  WorkerPool pool(Threads(4));
  auto strand = std::make_shared<Strand>(&pool);
  constexpr int kTasks = 5000;
  std::vector<int> order;  // written without a lock: the thread sanitizer would see an overlap
  absl::Notification done;
  for (int i = 0; i < kTasks; ++i) {
    strand->Post([&, i] {
      order.push_back(i);
      if (i == kTasks - 1) done.Notify();
    });
  }
  done.WaitForNotification();
  ASSERT_EQ(order.size(), size_t{kTasks});
  for (int i = 0; i < kTasks; ++i) EXPECT_EQ(order[size_t(i)], i);
}

TEST(StrandTest, InlineAndPostedTasksNeverOverlap) {
  WorkerPool pool(Threads(4));
  auto strand = std::make_shared<Strand>(&pool);
  constexpr int kThreads = 4;
  constexpr int kEach = 2000;
  int counter = 0;  // no atomic, no lock
  std::atomic<int> ran_inline{0};
  absl::BlockingCounter posted(kThreads * kEach);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        if (strand->TryRunInline([&] { ++counter; })) {
          ran_inline.fetch_add(1);
          posted.DecrementCount();
        } else {
          strand->Post([&] {
            ++counter;
            posted.DecrementCount();
          });
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  posted.Wait();
  absl::Notification done;
  strand->Post([&done] { done.Notify(); });
  done.WaitForNotification();
  EXPECT_EQ(counter, kThreads * kEach);
  EXPECT_GT(ran_inline.load(), 0);
}

TEST(StrandTest, DoesNotRunInlineWhileATaskRuns) {
  WorkerPool pool(Threads(1));
  auto strand = std::make_shared<Strand>(&pool);
  absl::Notification started;
  absl::Notification release;
  strand->Post([&] {
    started.Notify();
    release.WaitForNotification();
  });
  started.WaitForNotification();
  EXPECT_FALSE(strand->TryRunInline([] { FAIL() << "overlaps the running task"; }));
  release.Notify();
}

TEST(StrandTest, TaskPostedByAnInlineTaskRunsAfterwards) {
  WorkerPool pool(Threads(1));
  auto strand = std::make_shared<Strand>(&pool);
  absl::Notification done;
  bool inside = false;
  EXPECT_TRUE(strand->TryRunInline([&] {
    inside = true;
    strand->Post([&] {
      EXPECT_FALSE(inside);
      done.Notify();
    });
    inside = false;
  }));
  done.WaitForNotification();
}

// With one thread, a strand that never pauses must still let others run.
TEST(StrandTest, BusyStrandDoesNotStarveThePool) {
  WorkerPool pool(Threads(1));
  auto strand = std::make_shared<Strand>(&pool);
  std::atomic<bool> stop{false};
  std::function<void()> again = [&] {
    if (!stop.load()) strand->Post([&again] { again(); });
  };
  strand->Post([&again] { again(); });
  absl::Notification other;
  pool.Post([&other] { other.Notify(); });
  other.WaitForNotification();  // hangs if the strand keeps its thread
  stop.store(true);
  absl::Notification drained;
  strand->Post([&] { strand->Post([&drained] { drained.Notify(); }); });
  drained.WaitForNotification();
}

}  // namespace
}  // namespace voxeld
