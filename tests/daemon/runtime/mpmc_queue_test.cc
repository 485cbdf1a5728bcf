#include "daemon/runtime/mpmc_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace voxeld {
namespace {

TEST(MpmcQueueTest, KeepsTheOrderAndRefusesWhatDoesNotFit) {
  MpmcQueue<std::unique_ptr<int>> queue(4);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) {
      auto element = std::make_unique<int>(i);
      EXPECT_TRUE(queue.TryPush(element));
      EXPECT_EQ(element, nullptr);
    }
    auto fifth = std::make_unique<int>(5);
    EXPECT_FALSE(queue.TryPush(fifth));
    ASSERT_NE(fifth, nullptr);
    EXPECT_EQ(queue.size(), 4u);
    std::unique_ptr<int> popped;
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(queue.TryPop(popped));
      EXPECT_EQ(*popped, i);
    }
    EXPECT_FALSE(queue.TryPop(popped));
  }
}

TEST(MpmcQueueTest, ManyThreadsLoseAndInventNothing) {
  constexpr int kThreads = 4;
  constexpr int kEach = 20'000;
  MpmcQueue<int> queue(64);
  std::vector<std::atomic<int>> seen(kThreads * kEach);
  std::atomic<int> popped{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        int element = t * kEach + i;
        while (!queue.TryPush(element)) std::this_thread::yield();
      }
    });
    threads.emplace_back([&] {
      std::vector<int> last(kThreads, -1);  // of each producer
      int element = 0;
      while (popped.load() < kThreads * kEach) {
        if (!queue.TryPop(element)) {
          std::this_thread::yield();
          continue;
        }
        popped.fetch_add(1);
        seen[static_cast<size_t>(element)].fetch_add(1);
        int& before = last[static_cast<size_t>(element / kEach)];
        EXPECT_LT(before, element);
        before = element;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& count : seen) EXPECT_EQ(count.load(), 1);
}

}  // namespace
}  // namespace voxeld
