#include "daemon/net/reply_queue.h"

#include "gtest/gtest.h"

namespace voxeld {
namespace {

class ReplyQueueTest : public testing::Test {
 protected:
  JsonCall* Add(const char* id) { return queue_.Add(std::make_unique<JsonCall>(id, nullptr)); }
  JsonCall* Line(const char* id) {
    queue_.Begin(/*batch=*/false);
    return Add(id);
  }
  static void End(JsonCall* call) {
    call->reply = "<" + call->id() + ">";
    call->ended = true;
  }
  std::string Emit() {
    std::string out;
    queue_.Emit(&out, [](std::unique_ptr<JsonCall>) {});
    return out;
  }

  ReplyQueue queue_;
};

TEST_F(ReplyQueueTest, RepliesKeepTheOrderOfTheirRequests) {
  JsonCall* first = Line("1");
  JsonCall* second = Line("2");
  End(second);
  EXPECT_EQ(Emit(), "");
  End(first);
  EXPECT_EQ(Emit(), "<1>\n<2>\n");
  EXPECT_TRUE(queue_.empty());
}

TEST_F(ReplyQueueTest, ABatchIsOneLineOnceAllOfItHasEnded) {
  queue_.Begin(/*batch=*/true);
  JsonCall* first = Add("1");
  JsonCall* note = Add("");
  JsonCall* second = Add("2");
  End(first);
  End(second);
  EXPECT_EQ(Emit(), "");
  End(note);
  EXPECT_EQ(Emit(), "[<1>,<2>]\n");
}

TEST_F(ReplyQueueTest, ARunningNotificationHoldsNobodyUp) {
  JsonCall* note = Line("");
  End(Line("1"));
  EXPECT_EQ(Emit(), "<1>\n");
  EXPECT_FALSE(queue_.empty());
  End(note);
  EXPECT_EQ(Emit(), "");
  EXPECT_TRUE(queue_.empty());
}

TEST_F(ReplyQueueTest, FindsOpenCallsByTheirRawId) {
  JsonCall* text = Line("\"1\"");
  JsonCall* number = Line("1");
  EXPECT_EQ(queue_.Find("1"), number);
  EXPECT_EQ(queue_.Find("\"1\""), text);
  End(number);
  EXPECT_EQ(queue_.Find("1"), nullptr);
}

}  // namespace
}  // namespace voxeld
