#include "voxel/grid/nibbles.h"

#include <numeric>
#include <vector>

#include "gtest/gtest.h"

namespace voxel::internal {
namespace {

TEST(NibblesTest, EveryPairIsReplacedAsOneByOne) {
  std::vector<uint8_t> in(256);
  std::iota(in.begin(), in.end(), uint8_t{0});
  uint8_t table[16];
  for (int i = 0; i < 16; ++i) table[i] = static_cast<uint8_t>((i * 7 + 3) & 15);
  std::vector<uint8_t> out(in.size());
  MapNibbles(in.data(), table, out.data(), static_cast<int>(in.size()));
  for (int i = 0; i < 256; ++i) EXPECT_EQ(out[i], table[i & 15] | table[i >> 4] << 4) << i;
}

TEST(NibblesTest, MayWorkInPlaceAndStopsAtItsEnd) {
  std::vector<uint8_t> bytes(32, 0x21);
  uint8_t table[16] = {};
  table[1] = 4;
  table[2] = 5;
  MapNibbles(bytes.data(), table, bytes.data(), 16);
  for (int i = 0; i < 32; ++i) EXPECT_EQ(bytes[i], i < 16 ? 0x54 : 0x21) << i;
}

}  // namespace
}  // namespace voxel::internal
