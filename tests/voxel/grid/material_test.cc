#include "voxel/grid/material.h"

#include "gtest/gtest.h"
#include "voxel/grid/palette.h"

namespace voxel {
namespace {

const MaterialProperty& PropertyOf(std::string_view name) {
  for (const MaterialProperty& property : kMaterialProperties) {
    if (property.name == name) return property;
  }
  ADD_FAILURE() << name;
  return kMaterialProperties[0];
}

TEST(MaterialTest, PropertiesAreReadOutOfTheTextsOfFormats) {
  Material material;
  material.properties = {{"_type", "_metal"}, {"_rough", "0.1"},       {"_flux", "3"},
                         {"_spec", "much"},   {"emission", "1 0 0.5"}, {"base_color", "1 0"}};
  EXPECT_EQ(material.kind(), MaterialKind::kMetal);
  EXPECT_FLOAT_EQ(static_cast<float>(*material.Number("roughness")), 0.1f);
  EXPECT_EQ(material.Number("flux"), 3);
  EXPECT_EQ(material.Number("specular"), std::nullopt) << "no number";
  EXPECT_EQ(material.Number("metallic"), std::nullopt) << "absent";
  EXPECT_EQ(material.Numbers(PropertyOf("emission_color")), (std::vector<double>{1, 0, 0.5}));
  EXPECT_EQ(material.Numbers(PropertyOf("base_color")), std::nullopt) << "two of four";
}

TEST(MaterialTest, KindsAreMagicaVoxelsTexts) {
  for (int i = 0; i <= static_cast<int>(MaterialKind::kCloud); ++i) {
    Material material;
    material.SetKind(static_cast<MaterialKind>(i));
    EXPECT_EQ(material.kind(), static_cast<MaterialKind>(i));
    EXPECT_EQ(material.empty(), i == 0);
  }
  Material later;
  later.properties["_type"] = "_velvet";
  EXPECT_EQ(later.kind(), MaterialKind::kUnspecified);
  later.SetKind(MaterialKind::kUnspecified);
  EXPECT_TRUE(later.empty());
}

TEST(MaterialTest, NumbersAreWrittenAsFormatsWriteThem) {
  Material material;
  material.SetNumbers(PropertyOf("roughness"), {0.1});
  material.SetNumbers(PropertyOf("emission_color"), {1, 0.25, 1e-7});
  EXPECT_EQ(material.properties.at("_rough"), "0.1");
  EXPECT_EQ(material.properties.at("emission"), "1 0.25 1e-07");
  material.SetNumbers(PropertyOf("roughness"), {});
  EXPECT_FALSE(material.properties.contains("_rough"));
}

TEST(MaterialTest, EveryPropertyHasANameAndAKeyOfItsOwn) {
  for (size_t i = 0; i < kMaterialProperties.size(); ++i) {
    EXPECT_LT(kMaterialProperties[i].low, kMaterialProperties[i].high);
    for (size_t j = 0; j < i; ++j) {
      EXPECT_NE(kMaterialProperties[i].name, kMaterialProperties[j].name);
      EXPECT_NE(kMaterialProperties[i].key, kMaterialProperties[j].key);
    }
  }
}

TEST(MaterialTest, OnlyNumbersApartBySpacesAreNumbers) {
  EXPECT_EQ(ParseFloats(" 1  -2.5 "), (std::vector<double>{1, -2.5}));
  for (const char* text : {"", "  ", "1,2", "nan", "inf", "1e99", "1 x", "0x10", "1-2"}) {
    EXPECT_EQ(ParseFloats(text), std::nullopt) << text;
  }
}

TEST(PaletteTest, EqualContentsAreEqual) {
  Palette a;
  a.entries.push_back({0x112233FF, "stone", {}});
  a.materials["gold"].SetKind(MaterialKind::kMetal);
  Palette b = a;
  EXPECT_EQ(a, b);
  b.entries[0].material.SetKind(MaterialKind::kGlass);
  EXPECT_FALSE(a == b);
  b = a;
  b.materials["gold"].SetKind(MaterialKind::kGlass);
  EXPECT_FALSE(a == b);
}

}  // namespace
}  // namespace voxel
