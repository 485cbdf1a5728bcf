#include "daemon/net/stream_turns.h"

#include <string>

#include "gtest/gtest.h"

namespace voxeld {
namespace {

// Writes its letter at each turn, and wants `turns` of them.
class Writer : public StreamHolder, public std::enable_shared_from_this<Writer> {
 public:
  Writer(StreamTurns* turns, char letter, int wanted, std::string* out)
      : turns_(turns), letter_(letter), wanted_(wanted), out_(out) {}
  void TakeStreamTurn() override {
    out_->push_back(letter_);
    if (--wanted_ > 0) turns_->Ask(weak_from_this());
  }

 private:
  StreamTurns* const turns_;
  const char letter_;
  int wanted_;
  std::string* const out_;
};

TEST(StreamTurnsTest, EveryHolderComesBeforeAnyComesAgain) {
  const auto poller = *Poller::Create();
  const auto turns = std::make_shared<StreamTurns>(poller.get());
  std::string out;
  const auto a = std::make_shared<Writer>(turns.get(), 'a', 3, &out);
  const auto b = std::make_shared<Writer>(turns.get(), 'b', 3, &out);
  turns->Ask(a);
  turns->Ask(b);
  poller->After(absl::Milliseconds(20), [&] { poller->Stop(); });
  poller->Run();
  EXPECT_EQ(out, "ababab");
}

TEST(StreamTurnsTest, AHolderThatIsGoneLosesItsTurn) {
  const auto poller = *Poller::Create();
  const auto turns = std::make_shared<StreamTurns>(poller.get());
  std::string out;
  turns->Ask(std::make_shared<Writer>(turns.get(), 'a', 1, &out));
  const auto b = std::make_shared<Writer>(turns.get(), 'b', 1, &out);
  turns->Ask(b);
  poller->After(absl::Milliseconds(1), [&] { poller->Stop(); });
  poller->Run();
  EXPECT_EQ(out, "b");
}

TEST(StreamTurnsTest, OthersRunWhileStreamsNeverEnd) {
  const auto poller = *Poller::Create();
  const auto turns = std::make_shared<StreamTurns>(poller.get());
  std::string out;
  const auto endless = std::make_shared<Writer>(turns.get(), 'a', 1 << 30, &out);
  turns->Ask(endless);
  poller->Post([&] { poller->Post([&] { poller->Stop(); }); });  // the second is for the next round
  poller->Run();
  EXPECT_FALSE(out.empty());
}

}  // namespace
}  // namespace voxeld
