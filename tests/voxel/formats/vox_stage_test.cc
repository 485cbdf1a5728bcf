#include "voxel/formats/vox_stage.h"

#include <gmock/gmock.h>

#include "tests/voxel/formats/vox_testing.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/vox_cursor.h"

namespace voxel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<VoxFileBuilder::Voxel> kOne = {{0, 0, 0, 1}};

std::string Camera(uint32_t id, const Attributes& attributes) {
  return VoxFileBuilder::Int(id) + VoxFileBuilder::Dictionary(attributes);
}

// A file with one voxel and these cameras and lights.
ImportedFile FileWith(const std::vector<std::pair<std::string, std::string>>& chunks) {
  VoxFileBuilder builder;
  builder.Model({1, 1, 1}, kOne);
  for (const auto& [id, content] : chunks) builder.Chunk(id, content);
  return MustRead(builder.Build());
}

ImportedFile Again(const ImportedFile& file) { return MustRead(Bytes(*file.document)); }

template <typename Change>
RefPtr<Document> WithStage(const ImportedFile& file, Change change) {
  RefPtr<Document> document = Copy(*file.document);
  RefPtr<Stage> stage = document->stage ? MakeRef<Stage>(*document->stage) : MakeRef<Stage>();
  change(*stage);
  document->stage = RefPtr<const Stage>::Adopt(stage.release());
  return document;
}

const Attributes kCamera = {{"_mode", "orth"},   {"_focus", "10 -20 30.5"}, {"_angle", "20 315 5"},
                            {"_radius", "77.0"}, {"_frustum", "0.414214"},  {"_fov", "45"},
                            {"_new", "thing"}};

TEST(VoxStageTest, CamerasAreRead) {
  const ImportedFile file = FileWith({{"rCAM", Camera(3, kCamera)}, {"rCAM", Camera(0, {})}});
  ASSERT_TRUE(file.document->stage);
  ASSERT_EQ(file.document->stage->cameras.size(), 2u);
  const SceneCamera* camera = file.document->stage->Find("camera-3");
  ASSERT_NE(camera, nullptr);
  EXPECT_EQ(camera->kind, SceneCamera::Kind::kOrthographic);
  EXPECT_THAT(camera->target, ElementsAre(10, -20, 30.5));
  EXPECT_EQ(camera->elevation, 20);
  EXPECT_EQ(camera->azimuth, 315);
  EXPECT_EQ(camera->roll, 5);
  EXPECT_EQ(camera->distance, 77);
  EXPECT_EQ(camera->fov, 45);
  EXPECT_EQ(camera->slot, 3);
  EXPECT_EQ(file.document->stage->Find("camera-0")->distance, 0);
  EXPECT_THAT(file.document->scene->chunks, IsEmpty()) << "kept once";
}

TEST(VoxStageTest, WhatWasNotChangedIsWrittenAsItWas) {
  const ImportedFile file = FileWith({{"rCAM", Camera(3, kCamera)}});
  EXPECT_EQ(Again(file).document->stage->cameras[0].attributes, kCamera);
  const RefPtr<Document> turned =
      WithStage(file, [](Stage& stage) { stage.cameras[0].azimuth = 33.3; });
  const ImportedFile read = MustRead(Bytes(*turned));
  Attributes expected = kCamera;
  SetAttribute(expected, "_angle", "20 33.3 5");
  EXPECT_EQ(read.document->stage->cameras[0].attributes, expected);
  EXPECT_EQ(read.document->stage->cameras[0].slot, 3);
}

TEST(VoxStageTest, NewCamerasGetAllAttributesAndNumbersOfTheirOwn) {
  const ImportedFile file = FileWith({{"rCAM", Camera(0, kCamera)}});
  const RefPtr<Document> document = WithStage(file, [](Stage& stage) {
    stage.cameras.push_back({.name = "door", .target = {1, 2, 3}, .distance = 9, .fov = 90});
    stage.cameras.push_back({.name = "roof"});
  });
  const ExportResult written = MustWrite(*document);
  EXPECT_THAT(written.warnings, ElementsAre(HasSubstr("names of cameras")));
  const ImportedFile read = MustRead(written.files[0].data);
  ASSERT_EQ(read.document->stage->cameras.size(), 3u);
  EXPECT_THAT(read.document->stage->cameras[1].attributes,
              ElementsAre(std::pair("_mode", "pers"), std::pair("_focus", "1 2 3"),
                          std::pair("_angle", "0 0 0"), std::pair("_radius", "9"),
                          std::pair("_frustum", "1"), std::pair("_fov", "90")));
  EXPECT_EQ(read.document->stage->cameras[1].slot, 1);
  EXPECT_EQ(read.document->stage->cameras[2].slot, 2);
}

TEST(VoxStageTest, SunAndSkyAreTheLightAndOtherObjectsStay) {
  const auto object = [](const Attributes& attributes) {
    return std::pair<std::string, std::string>("rOBJ", VoxFileBuilder::Dictionary(attributes));
  };
  const Attributes sun = {{"_type", "_inf"},
                          {"_i", "0.6"},
                          {"_k", "255 200 100"},
                          {"_angle", "50 40"},
                          {"_area", "0.07"}};
  const ImportedFile file = FileWith({object({{"_type", "_bloom"}, {"_mix", "0.5"}}), object(sun),
                                      object({{"_type", "_uni"}, {"_i", "0.3"}, {"_k", "1 2 3"}})});
  ASSERT_TRUE(file.document->stage && file.document->stage->light);
  const SceneLight& light = *file.document->stage->light;
  EXPECT_FLOAT_EQ(static_cast<float>(light.intensity), 0.6f);
  EXPECT_EQ(light.color, Rgba(255, 200, 100));
  EXPECT_EQ(light.elevation, 50);
  EXPECT_EQ(light.azimuth, 40);
  EXPECT_FLOAT_EQ(static_cast<float>(light.ambient), 0.3f);
  EXPECT_EQ(light.ambient_color, Rgba(1, 2, 3));
  EXPECT_EQ(file.document->scene->chunks.size(), 1u);
  const ImportedFile again = Again(file);
  EXPECT_EQ(*again.document->stage, *file.document->stage);
  EXPECT_EQ(again.document->scene->chunks[0].content, file.document->scene->chunks[0].content);

  const RefPtr<Document> dimmed =
      WithStage(file, [](Stage& stage) { stage.light->intensity = 0.25; });
  Attributes expected = sun;
  SetAttribute(expected, "_i", "0.25");
  EXPECT_EQ(MustRead(Bytes(*dimmed)).document->stage->light->sun_attributes, expected);

  const ImportedFile only_sky = FileWith({object({{"_type", "_uni"}, {"_i", "1"}})});
  EXPECT_EQ(only_sky.document->stage->light->intensity, 0) << "no sun";
  EXPECT_EQ(*Again(only_sky).document->stage, *only_sky.document->stage);
}

TEST(VoxStageTest, WhatCannotBeReadIsKeptAsItIs) {
  const ImportedFile file = FileWith({{"rCAM", "abc"},
                                      {"rOBJ", "\1"},
                                      {"rCAM", Camera(0xFFFFFFFF, {})},
                                      {"rCAM", Camera(1, {}) + "more"}});
  EXPECT_FALSE(file.document->stage);
  EXPECT_EQ(file.document->scene->chunks.size(), 4u);
  const ImportedFile odd = FileWith({{"rCAM", Camera(1, {{"_mode", "fish"},
                                                         {"_focus", "a b c"},
                                                         {"_angle", "1 2"},
                                                         {"_radius", "-5"},
                                                         {"_fov", "nan"}})}});
  SceneCamera expected;
  expected.name = "camera-1";
  expected.slot = 1;
  expected.attributes = odd.document->stage->cameras[0].attributes;
  EXPECT_EQ(odd.document->stage->cameras[0], expected);
  EXPECT_EQ(*Again(odd).document->stage, *odd.document->stage);
}

TEST(VoxStageTest, EqualNumbersAndVeryManyCameras) {
  std::vector<std::pair<std::string, std::string>> chunks;
  for (int i = 0; i < 300; ++i) chunks.emplace_back("rCAM", Camera(7, {}));
  const ImportedFile file = FileWith(chunks);
  EXPECT_EQ(file.document->stage->cameras.size(), 256u);
  EXPECT_EQ(file.document->stage->cameras[1].name, "camera-7-2");
  EXPECT_EQ(file.document->scene->chunks.size(), 44u) << "the others are kept as they are";
}

TEST(VoxStageTest, ColoursNamedAfterTheirRowNameIt) {
  const ImportedFile file = FileWith({});
  RefPtr<Document> document = Copy(*file.document);
  RefPtr<Palette> palette = MakeRef<Palette>(*document->palette);
  for (size_t i = 8; i < 16; ++i) palette->entries[i].name = StrCat("stone-", i - 7);
  palette->entries[17].name = "gold";
  document->palette = RefPtr<const Palette>::Adopt(palette.release());
  const ExportResult written = MustWrite(*document);
  EXPECT_THAT(written.warnings, ElementsAre(HasSubstr("1 colour names")));
  const ImportedFile read = MustRead(written.files[0].data);
  EXPECT_EQ(read.document->palette->entries[8].name, "stone-1");
  EXPECT_EQ(read.document->palette->entries[15].name, "stone-8");
  EXPECT_EQ(read.document->palette->entries[17].name, "");
  EXPECT_TRUE(Bytes(*read.document) == written.files[0].data);
}

}  // namespace
}  // namespace voxel
