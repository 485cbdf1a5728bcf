#include "daemon/runtime/steady_cond_var.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "voxel/base/steady_time.h"

namespace voxeld {
namespace {

using voxel::SteadyNow;

TEST(SteadyCondVarTest, AWaitEndsAtItsDeadlineAndNotBefore) {
  absl::Mutex mu;
  SteadyCondVar cv;
  absl::MutexLock lock(&mu);
  const absl::Time deadline = SteadyNow() + absl::Milliseconds(30);
  while (!cv.WaitUntil(&mu, deadline)) continue;
  EXPECT_GE(SteadyNow(), deadline);
  EXPECT_TRUE(cv.WaitUntil(&mu, deadline));  // it is over
  EXPECT_TRUE(cv.WaitUntil(&mu, absl::InfinitePast()));
}

TEST(SteadyCondVarTest, ASignalEndsAWaitWithoutAnEnd) {
  absl::Mutex mu;
  SteadyCondVar cv;
  bool asked = false;
  bool answered = false;
  std::thread other([&] {
    absl::MutexLock lock(&mu);
    while (!asked) cv.Wait(&mu);
    answered = true;
    cv.Signal();
  });
  {
    absl::MutexLock lock(&mu);
    asked = true;
    cv.Signal();
    while (!answered) EXPECT_FALSE(cv.WaitUntil(&mu, SteadyNow() + absl::Hours(10'000)));
  }
  other.join();
}

// Hangs if a signal comes to nobody between the look at what is waited for and the sleep.
TEST(SteadyCondVarTest, NoSignalIsLost) {
  constexpr int kTurns = 20'000;
  absl::Mutex mu;
  SteadyCondVar cv;
  int turn = 0;
  const auto play = [&](int player, bool with_lock) {
    for (int n = player; n < kTurns; n += 2) {
      {
        absl::MutexLock lock(&mu);
        while (turn != n) cv.Wait(&mu);
        ++turn;
        if (with_lock) cv.Signal();
      }
      if (!with_lock) cv.Signal();
    }
  };
  std::thread other([&] { play(1, false); });
  play(0, true);
  other.join();
  EXPECT_EQ(turn, kTurns);
}

TEST(SteadyCondVarTest, AllThatWaitAreWoken) {
  absl::Mutex mu;
  SteadyCondVar cv;
  bool go = false;
  int waiting = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      absl::MutexLock lock(&mu);
      ++waiting;
      while (!go) cv.Wait(&mu);
    });
  }
  for (bool all = false; !all; std::this_thread::yield()) {
    absl::MutexLock lock(&mu);
    all = waiting == 8;
    go = all;
    if (all) cv.SignalAll();
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace voxeld
