#include "voxel/formats/layer_names.h"

#include <gtest/gtest.h>

namespace voxel {
namespace {

TEST(CleanUtf8Test, KeepsValidTextAndReplacesTheRest) {
  EXPECT_EQ(CleanUtf8("r\u00e9f \u4e16\u754c \U0001F600"), "r\u00e9f \u4e16\u754c \U0001F600");
  EXPECT_EQ(CleanUtf8("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(CleanUtf8("\xC0\x80"), "\uFFFD\uFFFD");                      // overlong
  EXPECT_EQ(CleanUtf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");            // a surrogate
  EXPECT_EQ(CleanUtf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
  EXPECT_EQ(CleanUtf8("\xE4\xB8"), "\uFFFD\uFFFD");                      // cut short
  EXPECT_EQ(CleanUtf8(std::string_view("a\0\n\x7F", 4)), "a   ");
}

TEST(CleanNameTest, CutsAtABorderOfCharacters) {
  std::string name(kMaxNameBytes - 1, 'a');
  EXPECT_EQ(CleanName(name + "\u00e9"), name);
  EXPECT_EQ(CleanName(name + "bc"), name + "b");
}

TEST(LayerIdsTest, MakesSlugsThatAreUniqueAndShortEnough) {
  LayerIds ids;
  EXPECT_EQ(ids.Make("  The Big -- Roof! ", "x"), "the-big-roof");
  EXPECT_EQ(ids.Make("the big roof", "x"), "the-big-roof-2");
  EXPECT_EQ(ids.Make("THE BIG ROOF", "x"), "the-big-roof-3");
  EXPECT_EQ(ids.Make("the-big-roof-2", "x"), "the-big-roof-2-2");
  EXPECT_EQ(ids.Make("_.", "model-7"), "model-7");
  EXPECT_EQ(ids.Make("v1.2_b", "x"), "v1.2_b");
  const std::string longest(kMaxLayerIdBytes, 'a');
  EXPECT_EQ(ids.Make(longest + "b", "x"), longest);
  EXPECT_EQ(ids.Make(longest, "x"), std::string(kMaxLayerIdBytes - 2, 'a') + "-2");
}

}  // namespace
}  // namespace voxel
