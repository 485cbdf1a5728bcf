#include "daemon/service/region_blocks.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace voxeld {
namespace {

std::vector<voxel::Box> Parts(const voxel::Box& box) {
  std::vector<voxel::Box> parts;
  BlockWalk walk(box);
  for (voxel::Box part; walk.Next(&part);) parts.push_back(part);
  return parts;
}

TEST(BlockWalkTest, PartsCoverTheBoxOnceInOrder) {
  for (const voxel::Box& box :
       {voxel::Box{{0, 0, 0}, {1, 1, 1}}, voxel::Box{{-70, -1, 63}, {130, 65, 128}},
        voxel::Box{{voxel::kMaxCoord - 65, 0, 0}, {voxel::kMaxCoord, 1, 1}}}) {
    int64_t voxels = 0;
    std::tuple<int, int, int> last{voxel::kMinCoord - 1, 0, 0};
    for (const voxel::Box& part : Parts(box)) {
      EXPECT_TRUE(box.Contains(part));
      EXPECT_LE(part.Voxels(), 1 << 18);
      const std::tuple<int, int, int> here{part.min.z, part.min.y, part.min.x};
      EXPECT_LT(last, here);
      last = here;
      voxels += part.Voxels();
    }
    EXPECT_EQ(voxels, box.Voxels());
  }
}

}  // namespace
}  // namespace voxeld
