#include "voxel/base/hash.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace voxel {
namespace {

TEST(HashTest, IsTheSameOnEveryMachine) {
  EXPECT_EQ(HashMix(1, 2), 17835814974728543209u);
  EXPECT_EQ(HashBytes("voxel", 5), 4894594040175976056u);
}

TEST(HashTest, EveryByteAndTheLengthMatter) {
  std::string text(40, '\0');
  std::set<uint64_t> seen;
  for (size_t length = 0; length <= text.size(); ++length) {
    EXPECT_TRUE(seen.insert(HashBytes(text.data(), length)).second);
  }
  for (size_t i = 0; i < text.size(); ++i) {
    text[i] = 1;
    EXPECT_TRUE(seen.insert(HashBytes(text.data(), text.size())).second) << i;
    text[i] = 0;
  }
}

}  // namespace
}  // namespace voxel
