#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "voxel/base/error.h"
#include "voxel/formats/format.h"

namespace voxel {
namespace {

using ::testing::HasSubstr;

TEST(FormatRegistryTest, FindsByIdAndNamesTheOthersOtherwise) {
  const FormatRegistry registry;
  ASSERT_TRUE(registry.Find("vox").ok());
  EXPECT_EQ((*registry.Find("obj"))->info().id, "obj");
  const absl::Status status = registry.Find("mtl").status();
  EXPECT_EQ(ReasonOf(status), "FORMAT_UNKNOWN");
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"mtl\" is not one of vox, obj"));
}

TEST(FormatRegistryTest, DetectsByContentOnly) {
  const FormatRegistry registry;
  EXPECT_EQ((*registry.Detect("VOX \x96"))->info().id, "vox");
  const absl::Status unknown = registry.Detect("version https://git-lfs").status();
  EXPECT_EQ(ReasonOf(unknown), "FORMAT_UNKNOWN");
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("begins with \"version \""));
  EXPECT_EQ(ReasonOf(registry.Detect("").status()), "FORMAT_UNKNOWN");
}

TEST(FormatRegistryTest, EveryFormatReadsOrWritesAndHasAnExtension) {
  const FormatRegistry registry;
  for (const auto& format : registry.formats()) {
    EXPECT_TRUE(format->info().reads || format->info().writes);
    EXPECT_FALSE(format->info().extensions.empty());
  }
}

}  // namespace
}  // namespace voxel
