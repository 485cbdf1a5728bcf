#include "daemon/io/poller.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

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

// Every behaviour of the poller with either source, but for the stand-in, which only epoll has.
class PollerTest : public testing::TestWithParam<Io> {
 protected:
  void SetUp() override {
    auto made = Poller::Create(GetParam());
    if (GetParam() == Io::kUring && absl::IsUnavailable(made.status())) {
      GTEST_SKIP() << made.status();
    }
    ASSERT_TRUE(made.ok()) << made.status();
    poller_ = *std::move(made);
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    here_.Reset(ends[0]);
    there_.Reset(ends[1]);
  }

  // Runs the poller until `done`, which is looked at after each round.
  void RunUntil(const std::function<bool()>& done) {
    std::function<void()> look = [&] {
      if (done()) return poller_->Stop();
      poller_->After(absl::Milliseconds(1), [&] { look(); });
    };
    poller_->After(absl::ZeroDuration(), [&] { look(); });
    poller_->Run();
  }

  UniqueFd here_, there_;
  std::unique_ptr<Poller> poller_;
};

std::string NameOfIo(const testing::TestParamInfo<Io>& info) {
  return info.param == Io::kUring ? "Uring" : "Epoll";
}
INSTANTIATE_TEST_SUITE_P(Sources, PollerTest, testing::Values(Io::kEpoll, Io::kUring), NameOfIo);

class StandInTest : public PollerTest {};
INSTANTIATE_TEST_SUITE_P(Sources, StandInTest, testing::Values(Io::kEpoll), NameOfIo);

TEST_P(PollerTest, PostedTasksRunInOrderOnItsThread) {
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

TEST_P(PollerTest, TimersRunInTheOrderOfTheirTimes) {
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

TEST_P(PollerTest, AHandlerRemovedInARoundHearsNoMoreOfIt) {
  int first_calls = 0, second_calls = 0;
  std::shared_ptr<Recorder> first, second;
  // Both are ready in the same round; whoever comes first removes the other.
  first = std::make_shared<Recorder>([&] {
    ++first_calls;
    poller_->Remove(there_.get());
    poller_->Post([&] { poller_->Stop(); });
  });
  second = std::make_shared<Recorder>([&] {
    ++second_calls;
    poller_->Remove(here_.get());
    poller_->Post([&] { poller_->Stop(); });
  });
  ASSERT_EQ(send(here_.get(), "x", 1, 0), 1);
  ASSERT_EQ(send(there_.get(), "x", 1, 0), 1);
  ASSERT_TRUE(poller_->Watch(here_.get(), EPOLLIN, first).ok());
  ASSERT_TRUE(poller_->Watch(there_.get(), EPOLLIN, second).ok());
  poller_->Run();
  EXPECT_EQ(first_calls + second_calls, 1);
}

TEST_P(PollerTest, EdgesAreReportedOncePerArrival) {
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

TEST_P(PollerTest, ANewDescriptorOfAnOldNumberHearsNothingOfTheOldOne) {
  // Both are ready in one round. The first handler closes the second one's socket and watches
  // another one, of which nothing is to be heard, under the same number.
  int stale = 0, first_calls = 0;
  UniqueFd right, quiet;
  auto third = std::make_shared<Recorder>([&] { ++stale; });
  auto second = std::make_shared<Recorder>([&] {});
  const int number = there_.get();
  auto first = std::make_shared<Recorder>([&] {
    if (++first_calls > 1) return;
    poller_->Remove(number);
    there_.Reset();
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    ASSERT_EQ(ends[0], number);
    quiet.Reset(ends[0]);
    right.Reset(ends[1]);
    ASSERT_TRUE(poller_->Watch(number, EPOLLIN, third).ok());
    poller_->After(absl::Milliseconds(20), [&] { poller_->Stop(); });
  });
  ASSERT_EQ(send(here_.get(), "x", 1, 0), 1);
  ASSERT_EQ(send(there_.get(), "x", 1, 0), 1);
  ASSERT_TRUE(poller_->Watch(here_.get(), EPOLLIN, first).ok());
  ASSERT_TRUE(poller_->Watch(number, EPOLLIN, second).ok());
  poller_->Run();
  EXPECT_EQ(stale, 0);
}

// Takes what comes, as connections do.
struct Taker : Poller::Handler {
  Taker(Poller* poller_in, int fd_in) : poller(poller_in), fd(fd_in) {}

  void OnReady(uint32_t) override { Take(); }
  void OnRoundEnd() override { Take(); }
  void Take() {
    for (int i = 0; i < most; ++i) {
      const EventSource::Received got = poller->Receive(fd);
      if (got.bytes.empty()) {
        if (got.error != EAGAIN) ended = true;
        error = got.error;
        return;
      }
      bytes.append(got.bytes);
    }
    if (again) poller->AtRoundEnd(*this);
  }

  Poller* const poller;
  const int fd;
  int most = 1000;    // pieces a round
  bool again = true;  // at the round's end, if there was more
  std::string bytes;
  bool ended = false;
  int error = 0;
};

TEST_P(PollerTest, BytesAndTheEndAreReceivedInOrder) {
  auto taker = std::make_shared<Taker>(poller_.get(), here_.get());
  ASSERT_EQ(send(there_.get(), "before", 6, 0), 6);
  ASSERT_TRUE(poller_->Watch(here_.get(), EPOLLIN | EPOLLRDHUP, taker, FdUse::kReceive).ok());
  poller_->After(absl::Milliseconds(5), [&] {
    ASSERT_EQ(send(there_.get(), " and after", 10, 0), 10);
    shutdown(there_.get(), SHUT_WR);
  });
  RunUntil([&] { return taker->ended; });
  EXPECT_EQ(taker->bytes, "before and after");
  EXPECT_EQ(taker->error, 0);
}

TEST_P(PollerTest, WhoTakesALittleEachRoundGetsEverythingAndHoldsUpNobody) {
  UniqueFd other_here, other_there;
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  other_here.Reset(ends[0]);
  other_there.Reset(ends[1]);
  auto slow = std::make_shared<Taker>(poller_.get(), here_.get());
  slow->most = 1;
  auto other = std::make_shared<Taker>(poller_.get(), other_here.get());
  ASSERT_TRUE(poller_->Watch(here_.get(), EPOLLIN, slow, FdUse::kReceive).ok());
  ASSERT_TRUE(poller_->Watch(other_here.get(), EPOLLIN, other, FdUse::kReceive).ok());
  std::string sent;
  for (int i = 0; i < 1'000'000; ++i) sent += std::to_string(i);
  std::thread sender([&] {
    for (size_t at = 0; at < sent.size();) {
      const ssize_t count =
          send(there_.get(), sent.data() + at, std::min<size_t>(sent.size() - at, 100'000), 0);
      if (count > 0) at += static_cast<size_t>(count);
      if (at % 3 == 0) (void)!send(other_there.get(), "x", 1, 0);
    }
    shutdown(there_.get(), SHUT_WR);
    while (send(other_there.get(), "y", 1, 0) != 1) std::this_thread::yield();
  });
  RunUntil([&] { return slow->ended && !other->bytes.empty() && other->bytes.back() == 'y'; });
  sender.join();
  EXPECT_TRUE(slow->bytes == sent);
}

TEST_P(PollerTest, WhatIsNotTakenWaitsAndHoldsUpNobody) {
  UniqueFd other_here, other_there;
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  other_here.Reset(ends[0]);
  other_there.Reset(ends[1]);
  auto pausing = std::make_shared<Taker>(poller_.get(), here_.get());
  pausing->most = 0;
  pausing->again = false;
  auto other = std::make_shared<Taker>(poller_.get(), other_here.get());
  ASSERT_TRUE(poller_->Watch(here_.get(), EPOLLIN, pausing, FdUse::kReceive).ok());
  ASSERT_TRUE(poller_->Watch(other_here.get(), EPOLLIN, other, FdUse::kReceive).ok());
  std::string sent;  // far more than the source has buffers for
  for (int i = 0; i < 1'000'000; ++i) sent += std::to_string(i);
  std::thread sender([&] {
    for (size_t at = 0; at < sent.size();) {
      const ssize_t count = send(there_.get(), sent.data() + at, sent.size() - at, 0);
      if (count > 0) at += static_cast<size_t>(count);
    }
  });
  poller_->After(absl::Milliseconds(50), [&] { (void)!send(other_there.get(), "x", 1, 0); });
  RunUntil([&] {
    if (other->bytes == "x" && pausing->most == 0) {
      EXPECT_EQ(pausing->bytes, "");
      pausing->most = 1000;
      pausing->again = true;
      poller_->AtRoundEnd(*pausing);
    }
    return pausing->bytes.size() == sent.size();
  });
  sender.join();
  EXPECT_TRUE(pausing->bytes == sent);
}

TEST_P(PollerTest, APeerThatIsGoneIsHeardOfWhileNothingIsTaken) {
  struct Listener : Poller::Handler {
    void OnReady(uint32_t events) override { heard |= events; }
    uint32_t heard = 0;
  };
  auto listener = std::make_shared<Listener>();
  ASSERT_TRUE(poller_->Watch(here_.get(), EPOLLIN | EPOLLRDHUP, listener, FdUse::kReceive).ok());
  ASSERT_EQ(send(there_.get(), "x", 1, 0), 1);
  poller_->After(absl::Milliseconds(5), [&] { there_.Reset(); });
  RunUntil([&] { return (listener->heard & EPOLLHUP) != 0; });
}

TEST_P(PollerTest, RoomIsToldOfWhileItIsAwaited) {
  struct Writer : Poller::Handler {
    void OnReady(uint32_t events) override { room += (events & EPOLLOUT) != 0 ? 1 : 0; }
    int room = 0;
  };
  auto writer = std::make_shared<Writer>();
  ASSERT_TRUE(poller_->Watch(here_.get(), EPOLLIN, writer, FdUse::kReceive).ok());
  const std::string much(1 << 20, 'x');
  const auto fill = [&] {
    while (send(here_.get(), much.data(), much.size(), MSG_DONTWAIT) > 0) {
    }
  };
  const auto drain = [&] {
    std::string got(1 << 20, ' ');
    while (recv(there_.get(), got.data(), got.size(), MSG_DONTWAIT) > 0) {
    }
  };
  poller_->Post([&] {
    fill();
    poller_->AwaitRoom(here_.get(), true);
    poller_->After(absl::Milliseconds(5), [&] {
      EXPECT_EQ(writer->room, 0);
      drain();
    });
  });
  RunUntil([&] { return writer->room > 0; });
  EXPECT_GT(writer->room, 0);
}

TEST_P(StandInTest, ATaskTakenHereRunsAfterTheRoundOnTheSameThreadWhichPollsAgainAfterwards) {
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

TEST(UringPollerTest, TakesNoTask) {
  auto made = Poller::Create(Io::kUring);
  if (absl::IsUnavailable(made.status())) GTEST_SKIP() << made.status();
  const auto poller = *std::move(made);
  poller->Post([&] {
    Task task = [] { ADD_FAILURE(); };
    EXPECT_FALSE(poller->TryRunHere(task));
    poller->Stop();
  });
  poller->Run();
}

TEST_P(PollerTest, NoTaskIsTakenElsewhereOrOnceItHasStopped) {
  Task task = [] { ADD_FAILURE(); };
  EXPECT_FALSE(poller_->TryRunHere(task));
  poller_->Post([&] { poller_->Stop(); });
  poller_->Run();
  EXPECT_FALSE(poller_->TryRunHere(task));
}

TEST_P(StandInTest, AnotherThreadPollsWhileATaskBlocks) {
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

// From one task to the next the alarm may be right already, or too late.
TEST_P(StandInTest, TimersAreHeardOfWhileALaterTaskBlocks) {
  constexpr absl::Duration kPatience = absl::Seconds(20);
  absl::Notification near, nearer;
  // Again, where the thread that ran the task before is not back yet.
  std::function<void(std::function<void()>)> take = [&](std::function<void()> task) {
    Task offered = task;
    if (!poller_->TryRunHere(offered)) poller_->Post([&, task] { take(task); });
  };
  poller_->Post([&] {
    poller_->After(absl::Seconds(60), [] {});
    poller_->After(absl::Milliseconds(30), [&] { near.Notify(); });
    take([&] {
      poller_->Post([&] {
        take([&] {  // the same alarm as before
          EXPECT_TRUE(near.WaitForNotificationWithTimeout(kPatience));
          poller_->Post([&] {
            take([&] {  // the one in a minute
              poller_->Post([&] {
                poller_->After(absl::Milliseconds(1), [&] { nearer.Notify(); });
                take([&] {
                  EXPECT_TRUE(nearer.WaitForNotificationWithTimeout(kPatience));
                  poller_->Post([&] { poller_->Stop(); });
                });
              });
            });
          });
        });
      });
    });
  });
  poller_->Run();
}

TEST_P(StandInTest, ATaskTakenInTheLastRoundRuns) {
  bool ran = false;
  poller_->Post([&] {
    Task task = [&] { ran = true; };
    EXPECT_TRUE(poller_->TryRunHere(task));
    poller_->Stop();
  });
  poller_->Run();
  EXPECT_TRUE(ran);
}

TEST_P(StandInTest, WhatTheRoundLeftToDoDoesNotWaitForATask) {
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
TEST_P(StandInTest, TheTwoThreadsLoseNothingBetweenThem) {
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
