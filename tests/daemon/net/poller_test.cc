#include "daemon/net/poller.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <thread>

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

}  // namespace
}  // namespace voxeld
