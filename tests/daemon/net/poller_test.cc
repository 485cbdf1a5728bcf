#include "daemon/net/poller.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace voxeld {
namespace {

using testing::ElementsAre;

class Recorder : public Poller::Handler {
 public:
  explicit Recorder(std::function<void()> on_ready) : on_ready_(std::move(on_ready)) {}
  void OnReady(uint32_t) override { on_ready_(); }

 private:
  std::function<void()> on_ready_;
};

class PollerTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    here_.Reset(ends[0]);
    there_.Reset(ends[1]);
  }

  std::unique_ptr<Poller> poller_ = *Poller::Create();
  UniqueFd here_, there_;
};

TEST_F(PollerTest, PostedTasksRunInOrderOnItsThread) {
  std::vector<int> order;
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) {
      poller_->Post([&, i] {
        order.push_back(i);
        EXPECT_TRUE(poller_->OnThread());
        if (i == 99) poller_->Stop();
      });
    }
  });
  poller_->Run();
  other.join();
  ASSERT_EQ(order.size(), 100);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(PollerTest, TimersRunInTheOrderOfTheirTimes) {
  std::vector<int> order;
  poller_->After(absl::Milliseconds(20), [&] {
    order.push_back(2);
    poller_->Stop();
  });
  poller_->After(absl::Milliseconds(1), [&] { order.push_back(1); });
  Poller::TimerId cancelled = poller_->After(absl::Milliseconds(2), [&] { order.push_back(0); });
  poller_->Cancel(cancelled);
  poller_->Run();
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST_F(PollerTest, AHandlerRemovedInARoundHearsNoMoreOfIt) {
  int first_calls = 0, second_calls = 0;
  std::shared_ptr<Recorder> first, second;
  // Both are ready in the same round; whoever comes first removes the other.
  first = std::make_shared<Recorder>([&] {
    ++first_calls;
    poller_->Remove(there_.get(), second.get());
    poller_->Post([&] { poller_->Stop(); });
  });
  second = std::make_shared<Recorder>([&] {
    ++second_calls;
    poller_->Remove(here_.get(), first.get());
    poller_->Post([&] { poller_->Stop(); });
  });
  ASSERT_EQ(send(here_.get(), "x", 1, 0), 1);
  ASSERT_EQ(send(there_.get(), "x", 1, 0), 1);
  ASSERT_TRUE(poller_->Watch(here_.get(), EPOLLIN, first).ok());
  ASSERT_TRUE(poller_->Watch(there_.get(), EPOLLIN, second).ok());
  poller_->Run();
  EXPECT_EQ(first_calls + second_calls, 1);
}

TEST_F(PollerTest, EdgesAreReportedOncePerArrival) {
  int calls = 0;
  auto handler = std::make_shared<Recorder>([&] {
    // The byte stays unread: level-triggered, this would never end.
    if (++calls == 1) poller_->After(absl::Milliseconds(20), [&] { poller_->Stop(); });
  });
  ASSERT_EQ(send(there_.get(), "x", 1, 0), 1);
  ASSERT_TRUE(poller_->Watch(here_.get(), EPOLLIN, handler).ok());
  poller_->Run();
  EXPECT_EQ(calls, 1);
}

TEST_F(PollerTest, ATaskTakenHereRunsAfterTheRoundOnTheSameThreadWhichPollsAgainAfterwards) {
  std::vector<std::string> order;
  std::thread::id polls, ran, after;
  poller_->Post([&] {
    polls = std::this_thread::get_id();
    Task task = [&] {
      order.emplace_back("task");
      ran = std::this_thread::get_id();
      EXPECT_FALSE(poller_->OnThread());
      poller_->Post([&] {
        order.emplace_back("posted by it");
        after = std::this_thread::get_id();
        poller_->Stop();
      });
    };
    EXPECT_TRUE(poller_->TryRunHere(task));
    Task second = [&] { ADD_FAILURE(); };
    EXPECT_FALSE(poller_->TryRunHere(second));
    EXPECT_TRUE(second != nullptr);
    order.emplace_back("round");
  });
  poller_->Run();
  EXPECT_THAT(order, ElementsAre("round", "task", "posted by it"));
  EXPECT_EQ(ran, polls);
  EXPECT_EQ(after, polls);
}

TEST_F(PollerTest, NoTaskIsTakenElsewhereOrOnceItHasStopped) {
  Task task = [] { ADD_FAILURE(); };
  EXPECT_FALSE(poller_->TryRunHere(task));
  poller_->Post([&] { poller_->Stop(); });
  poller_->Run();
  EXPECT_FALSE(poller_->TryRunHere(task));
}

TEST_F(PollerTest, AnotherThreadPollsWhileATaskBlocks) {
  absl::Notification seen_event, seen_timer, seen_post;
  std::thread::id polls;
  auto handler = std::make_shared<Recorder>([&] {
    EXPECT_TRUE(poller_->OnThread());
    EXPECT_NE(std::this_thread::get_id(), polls);
    seen_event.Notify();
  });
  ASSERT_TRUE(poller_->Watch(here_.get(), EPOLLIN, handler).ok());
  poller_->Post([&] {
    polls = std::this_thread::get_id();
    poller_->After(absl::Milliseconds(1), [&] { seen_timer.Notify(); });
    Task task = [&] {
      seen_timer.WaitForNotification();  // nothing else happens before
      ASSERT_EQ(send(there_.get(), "x", 1, 0), 1);
      seen_event.WaitForNotification();
      poller_->Post([&] { seen_post.Notify(); });
      seen_post.WaitForNotification();
      poller_->Post([&] { poller_->Stop(); });
    };
    ASSERT_TRUE(poller_->TryRunHere(task));
  });
  poller_->Run();
}

TEST_F(PollerTest, ATaskTakenInTheLastRoundRuns) {
  bool ran = false;
  poller_->Post([&] {
    Task task = [&] { ran = true; };
    EXPECT_TRUE(poller_->TryRunHere(task));
    poller_->Stop();
  });
  poller_->Run();
  EXPECT_TRUE(ran);
}

TEST_F(PollerTest, WhatTheRoundLeftToDoDoesNotWaitForATask) {
  absl::Notification seen;
  struct Again : Poller::Handler {
    void OnReady(uint32_t) override {}
    void OnRoundEnd() override {
      if (++rounds == 1) {
        Task task = [this] {
          seen->WaitForNotification();
          poller->Post([this] { poller->Stop(); });
        };
        ASSERT_TRUE(poller->TryRunHere(task));
        poller->AtRoundEnd(*this);
      } else {
        seen->Notify();
      }
    }
    Poller* poller = nullptr;
    absl::Notification* seen = nullptr;
    int rounds = 0;
  };
  auto handler = std::make_shared<Again>();
  handler->poller = poller_.get();
  handler->seen = &seen;
  poller_->Post([&] { poller_->AtRoundEnd(*handler); });
  poller_->Run();
  EXPECT_EQ(handler->rounds, 2);
}

// Both threads come and go while others post, bytes arrive and timers end: everything runs once,
// one at a time.
TEST_F(PollerTest, TheTwoThreadsLoseNothingBetweenThem) {
  constexpr int kPosts = 20'000;
  std::atomic<int> inside{0}, tasks{0};
  int posts = 0, bytes = 0, timers = 0, refused = 0;  // of the thread that polls
  const auto alone = [&](auto&& fn) {
    EXPECT_EQ(inside.fetch_add(1), 0);
    fn();
    inside.fetch_sub(1);
  };
  const auto look = [&] {
    if (posts == kPosts && bytes == kPosts && timers == kPosts / 16 &&
        tasks.load() + refused == kPosts) {
      poller_->Stop();
    }
  };
  auto handler = std::make_shared<Recorder>([&] {
    alone([&] {
      char got[256];
      for (ssize_t n = 0; (n = recv(here_.get(), got, sizeof got, 0)) > 0;) {
        bytes += static_cast<int>(n);
      }
      look();
    });
  });
  ASSERT_TRUE(poller_->Watch(here_.get(), EPOLLIN, handler).ok());
  std::thread poster([&] {
    for (int i = 0; i < kPosts; ++i) {
      poller_->Post([&, i] {
        alone([&] {
          ++posts;
          Task task = [&, i] {
            if (i % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
            tasks.fetch_add(1);
            poller_->Post([&] { alone(look); });
          };
          refused += poller_->TryRunHere(task) ? 0 : 1;
          if (i % 16 == 0) {
            poller_->After(absl::Microseconds(i % 300), [&] {
              alone([&] {
                ++timers;
                look();
              });
            });
          }
          look();
        });
      });
      if (i % 7 == 0) std::this_thread::yield();
    }
  });
  std::thread sender([&] {
    for (int i = 0; i < kPosts;) i += send(there_.get(), "x", 1, 0) == 1 ? 1 : 0;
  });
  poller_->Run();
  poster.join();
  sender.join();
  EXPECT_EQ(posts, kPosts);
  EXPECT_GT(tasks.load(), 0);
}

}  // namespace
}  // namespace voxeld
