#include "daemon/convert/color_text.h"

#include <gtest/gtest.h>

#include "voxel/base/error.h"

namespace voxeld {
namespace {

voxel::Palette StonePalette() {
  voxel::Palette palette;
  palette.entries.push_back({.color = 0x112233FF, .name = "stone", .material = {}});
  return palette;
}

TEST(ColorTextTest, ReadsEveryHexForm) {
  EXPECT_EQ(*ParseColor("#c3f", nullptr, "color"), 0xCC33FFFFu);
  EXPECT_EQ(*ParseColor("#c3f8", nullptr, "color"), 0xCC33FF88u);
  EXPECT_EQ(*ParseColor("#01aBef", nullptr, "color"), 0x01ABEFFFu);
  EXPECT_EQ(*ParseColor("#01abef7f", nullptr, "color"), 0x01ABEF7Fu);
}

TEST(ColorTextTest, AlphaZeroIsAirWhateverTheColor) {
  EXPECT_EQ(*ParseColor("#ffffff00", nullptr, "color"), voxel::kAir);
  EXPECT_EQ(*ParseColor("air", nullptr, "color"), voxel::kAir);
}

TEST(ColorTextTest, FindsPaletteNames) {
  const voxel::Palette palette = StonePalette();
  EXPECT_EQ(*ParseColor("stone", &palette, "color"), 0x112233FFu);
}

TEST(ColorTextTest, RefusalNamesFieldValueAndWhatIsAccepted) {
  const voxel::Palette palette = StonePalette();
  const absl::Status status = ParseColor("stoen", &palette, "edits[2].box.color").status();
  EXPECT_EQ(voxel::ReasonOf(status), "INVALID_COLOR");
  EXPECT_EQ(voxel::FieldOf(status), "edits[2].box.color");
  EXPECT_NE(status.message().find("\"stoen\""), absl::string_view::npos);
  EXPECT_NE(status.message().find("stone"), absl::string_view::npos);
}

TEST(ColorTextTest, RefusesHexOfAnyOtherLength) {
  for (const char* text : {"#", "#1", "#12", "#12345", "#1234567", "#123456789", "#12g", "c33"}) {
    EXPECT_EQ(voxel::ReasonOf(ParseColor(text, nullptr, "color").status()), "INVALID_COLOR")
        << text;
  }
  EXPECT_EQ(voxel::ReasonOf(ParseColor("", nullptr, "color").status()), "MISSING_FIELD");
}

TEST(ColorTextTest, WhatIsWrittenReadsBack) {
  for (const voxel::Color color : {0x01020304u, 0xFFFFFFFFu, 0x000000FFu}) {
    EXPECT_EQ(*ParseColor(FormatColor(color), nullptr, "color"), color);
  }
  EXPECT_EQ(FormatColor(voxel::kAir), "");
}

}  // namespace
}  // namespace voxeld
