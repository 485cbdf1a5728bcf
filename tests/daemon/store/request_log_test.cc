#include "daemon/store/request_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace voxeld {
namespace {

constexpr absl::Time kStart = absl::UnixEpoch();

RememberedRequest Answer(const std::string& text, const CommitTicket& ticket = {}) {
  return {.hash = 1, .revision = 2, .answer = text, .ticket = ticket};
}

TEST(RequestLogTest, KeepsAnswersUpToTheirNumber) {
  RequestLog log({.max = 3, .keep_for = absl::Hours(-1)});
  for (int i = 0; i < 5; ++i) log.Remember(std::to_string(i), Answer("a"), kStart);
  EXPECT_EQ(log.size(), 3u);
  EXPECT_EQ(log.Find("1"), nullptr);
  EXPECT_NE(log.Find("2"), nullptr);
}

TEST(RequestLogTest, ForgetsOldAnswersAsNewOnesCome) {
  RequestLog log({.max = 1, .keep_for = absl::Hours(1)});
  log.Remember("old", Answer("a"), kStart);
  log.Remember("young", Answer("b"), kStart + absl::Minutes(50));
  EXPECT_NE(log.Find("old"), nullptr);
  log.Remember("new", Answer("c"), kStart + absl::Minutes(61));
  EXPECT_EQ(log.Find("old"), nullptr);
  EXPECT_NE(log.Find("young"), nullptr);
}

TEST(RequestLogTest, YoungAnswersStayBeyondTheirNumberButNotBeyondTheirBytes) {
  RequestLog log({.max = 1, .keep_for = absl::Hours(1), .max_bytes = 3000});
  for (int i = 0; i < 10; ++i) log.Remember(std::to_string(i), Answer("a"), kStart);
  EXPECT_EQ(log.size(), 10u);
  log.Remember("large", Answer(std::string(2500, 'x')), kStart);
  EXPECT_EQ(log.Find("0"), nullptr);
  EXPECT_NE(log.Find("large"), nullptr);
}

TEST(RequestLogTest, ClockThatIsSetForwardCostsNoneOfTheLastAnswers) {
  RequestLog log({.max = 3, .keep_for = absl::Hours(1)});
  for (int i = 0; i < 5; ++i) log.Remember(std::to_string(i), Answer("a"), kStart);
  EXPECT_EQ(log.size(), 5u);
  log.Remember("after", Answer("b"), kStart + absl::Hours(24 * 365));
  EXPECT_EQ(log.size(), 3u);
  for (const char* id : {"3", "4", "after"}) EXPECT_NE(log.Find(id), nullptr) << id;
}

TEST(RequestLogTest, ClockThatIsSetBackKeepsAnswersLongerAndStillWithinTheirBytes) {
  RequestLog log({.max = 3, .keep_for = absl::Hours(1), .max_bytes = 5000});
  log.Remember("before", Answer("a"), kStart + absl::Hours(24 * 365));
  for (int i = 0; i < 10; ++i) log.Remember(std::to_string(i), Answer("a"), kStart);
  EXPECT_EQ(log.size(), 11u);  // none of them is an hour old
  EXPECT_NE(log.Find("before"), nullptr);
  for (int i = 10; i < 50; ++i) {
    log.Remember(std::to_string(i), Answer("a"), kStart + absl::Hours(2));
  }
  EXPECT_LT(log.size(), 26u);  // though the first one seems to be of the future
  EXPECT_NE(log.Find("49"), nullptr);
}

TEST(RequestLogTest, FailedAnswerIsForgottenAndItsIdIsFree) {
  RequestLog log({.max = 2, .keep_for = absl::Hours(-1)});
  const CommitTicket ticket = CommitTicket::Make();
  log.Remember("r", Answer("first", ticket), kStart);
  EXPECT_NE(log.Find("r"), nullptr);  // in flight
  ticket.Resolve(absl::UnavailableError("disk"));
  EXPECT_EQ(log.Find("r"), nullptr);
  // What is left of the failed one must not take the second one's place in the line.
  log.Remember("r", Answer("second"), kStart);
  log.Remember("s", Answer("other"), kStart);
  ASSERT_NE(log.Find("r"), nullptr);
  EXPECT_EQ(log.Find("r")->answer, "second");
}

TEST(RequestLogTest, ManyOfAllSizesAreFoundUntilTheyAreTheOldest) {
  RequestLog log({.max = 1000, .keep_for = absl::Hours(-1)});
  const auto text = [](int i) {
    return std::string(i % 97 == 0 ? 20'000 : static_cast<size_t>(i) % 300,
                       static_cast<char>('a' + i % 26));
  };
  for (int i = 0; i < 5000; ++i) {
    log.Remember("request " + std::to_string(i), Answer(text(i)), kStart);
    const int gone = i - 1000;
    if (gone >= 0) {
      ASSERT_EQ(log.Find("request " + std::to_string(gone)), nullptr) << i;
    }
    for (const int there : {i, std::max(0, gone + 1), (i + std::max(0, gone + 1)) / 2}) {
      const auto* found = log.Find("request " + std::to_string(there));
      ASSERT_NE(found, nullptr) << there << " of " << i;
      ASSERT_EQ(found->answer, text(there));
    }
  }
  EXPECT_EQ(log.size(), 1000u);
}

TEST(CommitTicketTest, DefaultIsReadyAndMadeOnesWait) {
  int calls = 0;
  CommitTicket().Then([&](const absl::Status& status) { calls += status.ok(); });
  EXPECT_EQ(calls, 1);
  const CommitTicket ticket = CommitTicket::Make();
  const CommitTicket copy = ticket;
  copy.Then([&](const absl::Status& status) { calls += status.ok() ? 100 : 10; });
  copy.Then([&](const absl::Status& status) { calls += status.ok() ? 100 : 10; });
  EXPECT_FALSE(copy.ready());
  EXPECT_EQ(calls, 1);
  ticket.Resolve(absl::UnavailableError("disk"));
  EXPECT_EQ(calls, 21);
  EXPECT_TRUE(copy.failed());
  copy.Then([&](const absl::Status& status) { calls += status.ok() ? 100 : 10; });
  EXPECT_EQ(calls, 31);
}

}  // namespace
}  // namespace voxeld
