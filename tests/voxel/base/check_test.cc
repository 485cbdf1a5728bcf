#include "voxel/base/check.h"

#include "gtest/gtest.h"

namespace voxel {
namespace {

TEST(CheckDeathTest, NamesTheBrokenInvariantAndItsPlace) {
  const int slots = 63;
  VOXEL_CHECK(slots < 64);
  EXPECT_DEATH(VOXEL_CHECK(slots == 64), "check_test.cc:[0-9]+: check failed: slots == 64");
}

}  // namespace
}  // namespace voxel
