#include "daemon/service/perfect_hash.h"

#include <gtest/gtest.h>

namespace voxeld {
namespace {

TEST(PerfectHashTest, FindsEveryNameAndNoOther) {
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i)
    names.push_back("group" + std::to_string(i % 7) + ".method" + std::to_string(i));
  const PerfectHash hash(names);
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(hash.Find(names[i]), static_cast<int>(i));
    EXPECT_EQ(hash.Find(names[i] + "x"), -1);
    EXPECT_EQ(hash.Find(names[i].substr(1)), -1);
  }
  EXPECT_EQ(hash.Find(""), -1);
}

TEST(PerfectHashTest, NoNamesAreNeverFound) {
  const PerfectHash hash({});
  EXPECT_EQ(hash.Find(""), -1);
  EXPECT_EQ(hash.Find("voxel.set"), -1);
}

}  // namespace
}  // namespace voxeld
