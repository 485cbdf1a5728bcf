#include "daemon/runtime/executor.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "absl/synchronization/notification.h"

namespace voxeld {
namespace {

class ExecutorTest : public testing::Test {
 protected:
  static WorkerPoolOptions OneWorker() {
    WorkerPoolOptions options;
    options.min_threads = options.max_threads = 1;
    options.max_queued = 3;
    return options;
  }
  // Occupies the worker until the end of the test.
  void Block(const Executor::Place& place) {
    absl::Notification begun;
    executor_.Run(place, [&] {
      begun.Notify();
      release_.WaitForNotification();
    });
    begun.WaitForNotification();
  }

  absl::Notification release_;  // first: tasks hold on to it until the pool has ended
  WorkerPool pool_{OneWorker()};
  const std::shared_ptr<Strand> strand_ = std::make_shared<Strand>(&pool_);
  const Executor executor_{&pool_, 2};
};

TEST_F(ExecutorTest, NothingElseSaidMeansTheThreadThatAsks) {
  std::thread::id ran;
  executor_.Run({}, [&] { ran = std::this_thread::get_id(); });
  EXPECT_EQ(ran, std::this_thread::get_id());
  ran = {};
  EXPECT_TRUE(executor_.TryRunNow(Executor::Here(), [&] { ran = std::this_thread::get_id(); }));
  EXPECT_EQ(ran, std::this_thread::get_id());
  EXPECT_EQ(executor_.Full(Executor::Here()), std::nullopt);
  release_.Notify();
}

TEST_F(ExecutorTest, AWorkerIsAnotherThread) {
  EXPECT_FALSE(executor_.TryRunNow(Executor::AnyWorker(), [] { ADD_FAILURE(); }));
  absl::Notification done;
  std::thread::id ran;
  executor_.Run(Executor::AnyWorker(), [&] {
    ran = std::this_thread::get_id();
    done.Notify();
  });
  done.WaitForNotification();
  EXPECT_NE(ran, std::this_thread::get_id());
  release_.Notify();
}

TEST_F(ExecutorTest, AStrandRunsHereWhileItIsFreeAndInTurnOtherwise) {
  const Executor::Place place = Executor::On(*strand_);
  bool ran = false;
  EXPECT_TRUE(executor_.TryRunNow(place, [&] { ran = true; }));
  EXPECT_TRUE(ran);
  Block(place);
  EXPECT_FALSE(executor_.TryRunNow(place, [] { ADD_FAILURE(); }));
  absl::Notification done;
  executor_.Run(place, [&] { done.Notify(); });
  EXPECT_FALSE(done.HasBeenNotified());
  release_.Notify();
  done.WaitForNotification();
}

TEST_F(ExecutorTest, PlacesAreFullByTheirOwnCounts) {
  Block(Executor::On(*strand_));  // the only worker, too
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(executor_.Full(Executor::On(*strand_)), std::nullopt);
    executor_.Run(Executor::On(*strand_), [] {});
  }
  EXPECT_EQ(executor_.Full(Executor::On(*strand_)), 2u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(executor_.Full(Executor::AnyWorker()), std::nullopt);
    executor_.Run(Executor::AnyWorker(), [] {});
  }
  EXPECT_EQ(executor_.Full(Executor::AnyWorker()), 3u);
  EXPECT_EQ(executor_.Full(Executor::Here()), std::nullopt);
  release_.Notify();
}

}  // namespace
}  // namespace voxeld
