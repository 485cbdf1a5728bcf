#include "daemon/service/peer_waits.h"

#include <gtest/gtest.h>

#include <optional>

namespace voxeld {
namespace {

TEST(PeerWaitsTest, EachPeerHasItsOwnShare) {
  PeerWaits waits(2);
  std::optional<PeerWaits::Turn> first = waits.Enter("ann");
  std::optional<PeerWaits::Turn> second = waits.Enter("ann");
  EXPECT_TRUE(first.has_value() && second.has_value());
  EXPECT_FALSE(waits.Enter("ann").has_value());
  EXPECT_TRUE(waits.Enter("bob").has_value());
  first->End();
  EXPECT_TRUE(waits.Enter("ann").has_value());
}

TEST(PeerWaitsTest, AmountsCount) {
  PeerWaits waits(10);
  std::optional<PeerWaits::Turn> most = waits.Enter("ann", 7);
  ASSERT_TRUE(most.has_value());
  EXPECT_FALSE(waits.Enter("ann", 4).has_value());
  EXPECT_TRUE(waits.Enter("ann", 3).has_value());  // and ends at once
  const PeerWaits::Turn more = waits.EnterAnyway("ann", 100);
  most->End();
  EXPECT_FALSE(waits.Enter("ann", 1).has_value());
}

TEST(PeerWaitsTest, WhereNothingWaitsAnythingMay) {
  PeerWaits waits(10);
  const std::optional<PeerWaits::Turn> large = waits.Enter("ann", 11);
  EXPECT_TRUE(large.has_value());
  EXPECT_FALSE(waits.Enter("ann", 1).has_value());
}

}  // namespace
}  // namespace voxeld
