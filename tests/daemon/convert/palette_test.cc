#include "daemon/convert/palette.h"

#include <gtest/gtest.h>

#include "voxel/base/error.h"

namespace voxeld {
namespace {

TEST(PaletteConvertTest, EveryPropertyOfAMaterialGoesThereAndBack) {
  voxel::Material material;
  material.SetKind(voxel::MaterialKind::kGlass);
  for (const voxel::MaterialProperty& property : voxel::kMaterialProperties) {
    std::vector<double> numbers;
    for (int i = 0; i < property.numbers; ++i) {
      numbers.push_back(property.low + (property.high - property.low) / (4 << i));
    }
    material.SetNumbers(property, numbers);
  }
  material.properties["_later"] = "1 x";
  v1::Material message;
  FromMaterial(material, &message);
  EXPECT_EQ(message.others_size(), 1);
  EXPECT_EQ(message.kind(), v1::MATERIAL_KIND_GLASS);
  const auto back = ToMaterial(message, "material");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->properties, material.properties);
}

TEST(PaletteConvertTest, WhatFilesSayOfAPropertyThatIsNoNumberStaysWithTheOthers) {
  voxel::Material material;
  material.properties = {{"_rough", "very"}, {"_type", "_velvet"}};
  v1::Material message;
  FromMaterial(material, &message);
  EXPECT_FALSE(message.has_roughness());
  EXPECT_EQ(message.others().at("_rough"), "very");
  EXPECT_EQ(ToMaterial(message, "material")->properties, material.properties);
}

TEST(PaletteConvertTest, TheLimitOfMaterialsHolds) {
  v1::UpdatePaletteRequest request;
  for (int i = 0; i < 1025; ++i) {
    (*request.mutable_set_materials())["m" + std::to_string(i)].set_metallic(1);
  }
  voxel::Palette palette;
  EXPECT_EQ(voxel::FieldOf(UpdatePalette(request, &palette)), "set_materials");
  request.mutable_set_materials()->erase("m0");
  palette.materials.clear();
  EXPECT_TRUE(UpdatePalette(request, &palette).ok());
}

TEST(PaletteConvertTest, NewEntriesComeBehindTheLastInUse) {
  voxel::Palette palette;
  palette.entries.resize(256);
  palette.entries[3].color = 0xFF;
  v1::UpdatePaletteRequest request;
  request.add_set()->set_name("stone");
  ASSERT_TRUE(UpdatePalette(request, &palette).ok());
  ASSERT_EQ(palette.entries.size(), 5u);
  EXPECT_EQ(palette.entries[4].name, "stone");
}

}  // namespace
}  // namespace voxeld
