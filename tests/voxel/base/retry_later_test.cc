#include "voxel/base/retry_later.h"

#include <string>

#include "gtest/gtest.h"

namespace voxel {
namespace {

TEST(RetryLaterTest, SaysWhenInTheMessageAndAsAFact) {
  const absl::Status status = RetryLater(Reason::OVERLOADED, "5 calls wait already", 1500);
  EXPECT_EQ(std::string(status.message()), "5 calls wait already; retry after 1500 ms");
  EXPECT_EQ(ReasonOf(status), "OVERLOADED");
  EXPECT_EQ(PlaceOf(status).rfind("tests/voxel/base/retry_later_test.cc:", 0), 0u)
      << PlaceOf(status);
  EXPECT_EQ(RetryAfterMs(status), 1500);
}

TEST(RetryLaterTest, OtherErrorsSayNothingOfIt) {
  absl::Status other = Error(Reason::REVISION_DROPPED, "m");
  EXPECT_EQ(RetryAfterMs(other), 0);
  SetFact(other, "oldest_revision", "17");
  EXPECT_EQ(RetryAfterMs(other), 0);
  EXPECT_EQ(RetryAfterMs(absl::OkStatus()), 0);
  EXPECT_EQ(RetryAfterMs(absl::UnavailableError("gone")), 0);
}

}  // namespace
}  // namespace voxel
