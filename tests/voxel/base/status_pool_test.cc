#include "voxel/base/status_pool.h"

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/base/plain_memory.h"
#include "voxel/base/recycler.h"
#include "voxel/base/string_view.h"

namespace voxel {
namespace {

absl::Status Numbered(int number) {
  const std::string text =
      "a message that is longer than a short string, number " + std::to_string(number);
  return MakeStatus(absl::StatusCode::kNotFound, text,
                    [&](std::string* details) { details->append("details of " + text); });
}

void ExpectNumbered(const absl::Status& status, int number) {
  const std::string text =
      "a message that is longer than a short string, number " + std::to_string(number);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ToStd(status.message()), text);
  EXPECT_EQ(DetailsOf(status), "details of " + text);
}

TEST(StatusPoolTest, WhoeverHoldsAStatusKeepsWhatItSays) {
  std::vector<absl::Status> held;
  for (int i = 0; i < 1000; ++i) {
    held.push_back(Numbered(i));
    Numbered(-i).IgnoreError();
  }
  for (int i = 0; i < 1000; ++i) ExpectNumbered(held[static_cast<size_t>(i)], i);
}

TEST(StatusPoolTest, MemoryOfWhatNobodyHoldsIsUsedAgain) {
  if (PlainMemory()) GTEST_SKIP() << "the pool is off";
  TrimRecycled();
  for (int i = 0; i < 1000; ++i) ExpectNumbered(Numbered(i), i);
  const int64_t one = RecycledBytes();
  EXPECT_GT(one, 0);
  std::vector<absl::Status> held;
  for (int i = 0; i < 10; ++i) held.push_back(Numbered(i));
  EXPECT_EQ(RecycledBytes(), 10 * one);
  for (int i = 0; i < 10; ++i) ExpectNumbered(held[static_cast<size_t>(i)], i);
}

TEST(StatusPoolTest, TrimmingTakesNothingFromThoseWhoHold) {
  const absl::Status held = Numbered(1);
  TrimRecycled();
  for (int i = 0; i < 100; ++i) Numbered(2).IgnoreError();
  ExpectNumbered(held, 1);
}

TEST(StatusPoolTest, ACopyThatIsGivenMoreLeavesTheOthersAlone) {
  const absl::Status held = Numbered(1);
  absl::Status changed = held;
  changed.SetPayload("somebody/else", absl::Cord("x"));
  EXPECT_FALSE(held.GetPayload("somebody/else").has_value());
  changed = absl::OkStatus();
  ExpectNumbered(Numbered(2), 2);
  ExpectNumbered(held, 1);
}

TEST(StatusPoolTest, MayBeLetGoOfByOtherThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 2000; ++i) {
        const absl::Status status = Numbered(t * 10000 + i);
        std::thread reader;
        if (i % 100 == 0) {
          reader = std::thread([copy = status, t, i] { ExpectNumbered(copy, t * 10000 + i); });
        }
        ExpectNumbered(status, t * 10000 + i);
        if (reader.joinable()) reader.join();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(StatusPoolTest, OthersHaveNoDetails) {
  EXPECT_EQ(DetailsOf(absl::OkStatus()), "");
  EXPECT_EQ(DetailsOf(absl::NotFoundError("x")), "");
}

}  // namespace
}  // namespace voxel
