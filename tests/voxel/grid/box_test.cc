#include "voxel/grid/box.h"

#include <limits>

#include "gtest/gtest.h"
#include "voxel/grid/region_key.h"

namespace voxel {
namespace {

TEST(BoxTest, IsHalfOpen) {
  const Box box{{0, 0, 0}, {2, 3, 4}};
  EXPECT_TRUE(box.Contains(Coord{0, 0, 0}));
  EXPECT_TRUE(box.Contains(Coord{1, 2, 3}));
  EXPECT_FALSE(box.Contains(Coord{2, 2, 3}));
  EXPECT_EQ(box.Voxels(), 24);
  EXPECT_FALSE(box.Intersects({{2, 0, 0}, {3, 3, 4}}));
}

TEST(BoxTest, EmptyBoxesAddNothing) {
  const Box box{{0, 0, 0}, {2, 3, 4}};
  const Box empty{{9, 9, 9}, {9, 20, 20}};
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty.Voxels(), 0);
  EXPECT_EQ(box.Union(empty), box);
  EXPECT_EQ(empty.Union(box), box);
  EXPECT_TRUE(box.Contains(empty));
}

TEST(BoxTest, CountsSaturate) {
  EXPECT_EQ(kWorld.Size(0), int64_t{1} << 31);
  EXPECT_EQ(kWorld.Voxels(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ((Box{{kMinCoord, kMinCoord, 0}, {kMaxCoord, kMaxCoord, 1}}).Voxels(), int64_t{1} << 62);
}

TEST(RegionKeyTest, KeysAndCornersBelongTogether) {
  for (int32_t v : {kMinCoord, -1025, -1024, -1, 0, 1023, 1024, kMaxCoord - 1}) {
    for (int axis = 0; axis < 3; ++axis) {
      Coord c;
      c[axis] = v;
      const Coord corner = internal::RegionMin(internal::RegionKey(c));
      const Box region{corner, corner + Coord{1023, 1023, 1023}};
      EXPECT_EQ(corner[axis] & 1023, 0);
      EXPECT_LE(corner[axis], v);
      EXPECT_GE(region.max[axis], v);
    }
  }
}

TEST(RegionKeyTest, AlignedCubesAreRangesOfKeys) {
  // The eight regions of one cube of 2048^3 share all but three bits of their keys.
  const uint64_t first = internal::RegionKey({2048, -4096, 0});
  EXPECT_EQ(first & 7, 0u);
  EXPECT_EQ(internal::RegionKey({2048 + 1024, -4096, 0}), first + 1);
  EXPECT_EQ(internal::RegionKey({2048, -4096 + 1024, 0}), first + 2);
  EXPECT_EQ(internal::RegionKey({2048, -4096, 1024}), first + 4);
}

}  // namespace
}  // namespace voxel
