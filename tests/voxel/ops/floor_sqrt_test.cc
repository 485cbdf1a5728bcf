#include "voxel/ops/floor_sqrt.h"

#include <limits>
#include <random>

#include "gtest/gtest.h"

namespace voxel {
namespace {

void ExpectRoot(Int128 n) {
  const Int128 root = FloorSqrt(n);
  EXPECT_TRUE(root * root <= n && (root + 1) * (root + 1) > n) << static_cast<int64_t>(root);
  if (n <= std::numeric_limits<int64_t>::max()) {
    EXPECT_EQ(FloorSqrt(static_cast<int64_t>(n)), static_cast<int64_t>(root));
  }
}

TEST(FloorSqrtTest, ExactAroundSquares) {
  std::mt19937_64 rng(1);
  for (int bits = 1; bits < 62; ++bits) {
    for (int i = 0; i < 50; ++i) {
      const Int128 root = 1 + static_cast<Int128>(rng() >> (64 - bits));
      for (int off = -1; off <= 1; ++off) ExpectRoot(root * root + off);
    }
  }
}

TEST(FloorSqrtTest, EndsOfTheRange) {
  ExpectRoot(0);
  ExpectRoot(1);
  ExpectRoot(std::numeric_limits<int64_t>::max());
  ExpectRoot((Int128{1} << 124) - 1);
}

}  // namespace
}  // namespace voxel
