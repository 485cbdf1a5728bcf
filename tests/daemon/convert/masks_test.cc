#include "daemon/convert/masks.h"

#include <cmath>

#include <gtest/gtest.h>

#include "daemon/convert/color_text.h"
#include "voxel/base/error.h"

namespace voxeld {
namespace {

std::string FieldOf(const v1::Mask& mask) {
  return voxel::FieldOf(ToMask(mask, nullptr, "edits[2].mask").status());
}
std::string ReasonOf(const v1::Mask& mask) {
  return voxel::ReasonOf(ToMask(mask, nullptr, "edits[2].mask").status());
}

TEST(MasksTest, ATextIsReadWithThePalettesNames) {
  voxel::Palette palette;
  palette.entries.push_back({.color = 0x112233FF, .name = "dark grass", .material = {}});
  v1::Mask mask;
  mask.set_text("\"dark grass\"~3");
  const auto read = ToMask(mask, &palette, "mask");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(std::get<voxel::ColorMask>(read->is).color, 0x112233FFu);
  EXPECT_EQ(std::get<voxel::ColorMask>(read->is).tolerance, 3u);
  EXPECT_EQ(ReasonOf(mask), "INVALID_MASK");  // without the palette
  EXPECT_EQ(FieldOf(mask), "edits[2].mask.text");
}

TEST(MasksTest, AMessageNamesTheFieldAndTheColumn) {
  v1::Mask mask;
  mask.set_text("air & ?");
  const absl::Status status = ToMask(mask, nullptr, "edits[2].mask").status();
  EXPECT_EQ(std::string(status.message()).rfind("edits[2].mask.text: column 7: expected a mask", 0),
            0u)
      << status.message();
}

TEST(MasksTest, AFieldInsideOthersIsNamedInFull) {
  v1::Mask mask;
  mask.mutable_all_of()->add_masks()->set_solid(true);
  mask.mutable_all_of()->add_masks()->mutable_above()->mutable_share()->set_percent(NAN);
  EXPECT_EQ(ReasonOf(mask), "INVALID_MASK");
  EXPECT_EQ(FieldOf(mask), "edits[2].mask.all_of.masks[1].above.share.percent");
}

TEST(MasksTest, ASmallPercentageIsNotRoundedAway) {
  v1::Mask mask;
  mask.mutable_share()->set_percent(1e-9);
  EXPECT_EQ(std::get<voxel::ShareMask>(ToMask(mask, nullptr, "mask")->is).share, 1u);
  mask.mutable_share()->set_percent(12.5);
  EXPECT_EQ(std::get<voxel::ShareMask>(ToMask(mask, nullptr, "mask")->is).share, 125'000u);
  for (const double bad : {0.0, -1.0, 100.1, 1e300, static_cast<double>(INFINITY)}) {
    mask.mutable_share()->set_percent(bad);
    EXPECT_EQ(ReasonOf(mask), "INVALID_MASK") << bad;
  }
}

TEST(MasksTest, SidesAreTheOnesNamed) {
  v1::Mask mask;
  mask.set_exposed(v1::SIDE_MINUS_Y);
  const auto minus_y = std::get<voxel::ExposedMask>(ToMask(mask, nullptr, "mask")->is);
  EXPECT_EQ(minus_y.axis, voxel::Axis::kY);
  EXPECT_FALSE(minus_y.positive);
  mask.set_exposed(v1::SIDE_UNSPECIFIED);
  const auto up = std::get<voxel::ExposedMask>(ToMask(mask, nullptr, "mask")->is);
  EXPECT_EQ(up.axis, voxel::Axis::kZ);
  EXPECT_TRUE(up.positive);
}

TEST(PaintTest, ATextIsAColourAPaletteNameOrAPattern) {
  voxel::Palette palette;
  palette.entries.push_back({.color = 0x112233FF, .name = "50%,grey", .material = {}});
  EXPECT_EQ(ParsePaint("50%,grey", &palette, "color")->color, 0x112233FFu);
  EXPECT_EQ(ParsePaint("50%,grey", &palette, "color")->pattern, nullptr);
  EXPECT_EQ(ParsePaint("#c33", nullptr, "color")->pattern, nullptr);
  EXPECT_NE(ParsePaint("50%#c33,50%air", nullptr, "color")->pattern, nullptr);
  const absl::Status status = ParsePaint("50%#c33,50%moss", &palette, "edits[0].color").status();
  EXPECT_EQ(voxel::ReasonOf(status), "INVALID_COLOR");
  EXPECT_EQ(voxel::FieldOf(status), "edits[0].color");
  EXPECT_EQ(
      std::string(status.message()).rfind("edits[0].color: column 12: the colour is \"moss\"", 0),
      0u)
      << status.message();
}

}  // namespace
}  // namespace voxeld
