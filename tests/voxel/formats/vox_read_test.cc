#include <gmock/gmock.h>

#include "tests/voxel/formats/vox_testing.h"
#include "voxel/base/error.h"
#include "voxel/formats/builtin_formats.h"

namespace voxel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<VoxFileBuilder::Voxel> kTwo = {{0, 0, 0, 1}, {1, 0, 0, 2}};

const Layer& LayerAt(const ImportedFile& file, int index) {
  return *file.document->layers[static_cast<size_t>(index)];
}

TEST(VoxReadTest, ModelWithoutSceneGraphStandsWithItsPivotAtTheOrigin) {
  const ImportedFile file = MustRead(VoxFileBuilder().Model({3, 4, 7}, {{0, 0, 0, 1}}).Build());
  ASSERT_EQ(file.document->layers.size(), 1u);
  EXPECT_EQ(LayerAt(file, 0).transform.Apply(Coord{0, 0, 0}), (Coord{-1, -2, -3}));
  EXPECT_EQ(LayerAt(file, 0).id, "model-1");
  EXPECT_THAT(file.warnings, IsEmpty());
}

TEST(VoxReadTest, EveryRotationPutsVoxelsWhereTheOracleHasThem) {
  const ImportedFile file = MustRead(TestFile("rot48.vox"));
  EXPECT_EQ(file.document->layers.size(), 48u);
  EXPECT_EQ(WorldHash(*file.document),
            "1a75f10f52ed99c1d35df3e054f89a57bf395ceec08873954c12165def5e5d5b");
}

TEST(VoxReadTest, SharedGroupsAreInstancesAndHiddenOnesAreHidden) {
  const ImportedFile file = MustRead(TestFile("nested_dag.vox"));
  ASSERT_EQ(file.document->layers.size(), 6u);
  EXPECT_EQ(WorldHash(*file.document),
            "92fde9fe25d531e67a31004d8dd96172c016c82779e106169c7234587af02056");
  EXPECT_EQ(LayerAt(file, 0).group, "left");
  EXPECT_EQ(LayerAt(file, 2).group, "r\u00e9f");
  EXPECT_EQ(LayerAt(file, 2).linked_to, LayerAt(file, 0).id);
  EXPECT_FALSE(LayerAt(file, 4).visible);  // its layer record is hidden
  EXPECT_EQ(LayerAt(file, 4).id, "on-hidden-layer");
  EXPECT_FALSE(LayerAt(file, 5).visible);  // it is hidden itself
  EXPECT_EQ(file.document->CountVoxels(), 6 * 13);
}

TEST(VoxReadTest, FirstKeyframeIsTheWorldAndAllAreKept) {
  const ImportedFile file = MustRead(TestFile("anim_v200.vox"));
  EXPECT_EQ(WorldHash(*file.document),
            "e527d54e443a299ee3ef2a044e0da5918b28934137a0641b7a5385a27d001cb4");
  EXPECT_EQ(file.document->CountVoxels(), 13);
  const SceneGraph& scene = *file.document->scene;
  EXPECT_EQ(scene.version, 200);
  EXPECT_EQ(scene.nodes[2].frames.size(), 3u);
  EXPECT_EQ(scene.nodes[3].models.size(), 2u);
}

TEST(VoxReadTest, PaletteKeepsMaterialsAndNamesOfRows) {
  const ImportedFile file = MustRead(TestFile("imap_notes_matl.vox"));
  EXPECT_EQ(WorldHash(*file.document),
            "b30622ce81b3e1bb7d1e7b4e9053991ec0fb1fda2fd6e200255e58d223b89c93");
  const std::vector<PaletteEntry>& entries = file.document->palette->entries;
  ASSERT_EQ(entries.size(), 256u);
  EXPECT_EQ(entries[0].material.properties.at("_type"), "_metal");
  EXPECT_EQ(entries[255].material.properties.at("_type"), "_diffuse");
  // The window shows index 10 first and index 1 tenth.
  EXPECT_EQ(entries[9].name, "metals-1");
  EXPECT_EQ(entries[1].name, "metals-2");
  EXPECT_EQ(entries[0].name, "glass-2");
  EXPECT_EQ(entries[20].name, "");
}

TEST(VoxReadTest, FramesOfAnOldAnimationAreLayersOfWhichTheFirstIsShown) {
  const ImportedFile file = MustRead(TestFile("legacy_pack_nopal.vox"));
  ASSERT_EQ(file.document->layers.size(), 2u);
  EXPECT_TRUE(LayerAt(file, 0).visible);
  EXPECT_FALSE(LayerAt(file, 1).visible);
  EXPECT_EQ(file.document->CountVoxels(), 21);
  EXPECT_THAT(file.warnings, ElementsAre(HasSubstr("2 animation frames")));
  EXPECT_EQ(LayerAt(file, 0).volume.Get({0, 0, 0}),
            0xFFFFFFFF);  // the default palette's first colour
  EXPECT_EQ(LayerAt(file, 0).volume.Get({1, 0, 0}), 0xFFFFCCFF);
  EXPECT_EQ(file.document->palette->entries[254].color, Rgba(0x11, 0x11, 0x11));
}

TEST(VoxReadTest, OldMaterialsAreReadAsNewOnes) {
  const std::string metal = VoxFileBuilder::Int(3) + VoxFileBuilder::Int(1) +
                            VoxFileBuilder::Int(0x3F000000) + VoxFileBuilder::Int(2) +
                            VoxFileBuilder::Int(0x3E800000);
  const ImportedFile file =
      MustRead(VoxFileBuilder().Model({2, 1, 1}, kTwo).Chunk("MATT", metal).Build());
  const std::map<std::string, std::string> expected = {
      {"_type", "_metal"}, {"_weight", "0.5"}, {"_rough", "0.25"}};
  EXPECT_EQ(file.document->palette->entries[2].material.properties, expected);
}

TEST(VoxReadTest, UsedColoursOfAlphaZeroStayVisibleWithAWarning) {
  const ImportedFile file = MustRead(
      VoxFileBuilder().Model({2, 1, 1}, kTwo).Colors({0x11223300, 0x445566FF, 0x77889900}).Build());
  EXPECT_EQ(LayerAt(file, 0).volume.Get({0, 0, 0}), 0x112233FF);
  EXPECT_EQ(file.document->palette->entries[0].color, 0x11223300);
  EXPECT_THAT(file.warnings, ElementsAre(HasSubstr("1 colours that voxels use say alpha 0")));
}

TEST(VoxReadTest, IdsComeFromNamesAndAreUnique) {
  const ImportedFile file = MustRead(VoxFileBuilder()
                                         .Model({2, 1, 1}, kTwo)
                                         .Transform(0, 1)
                                         .Group(1, {2, 4, 6, 8})
                                         .Transform(2, 3, {{"_name", "Big Roof!"}})
                                         .Shape(3, 0)
                                         .Transform(4, 5, {{"_name", "big roof"}})
                                         .Shape(5, 0)
                                         .Transform(6, 7, {{"_name", "\xFF"}})
                                         .Shape(7, 0)
                                         .Transform(8, 9)
                                         .Shape(9, 0)
                                         .Build());
  ASSERT_EQ(file.document->layers.size(), 4u);
  EXPECT_EQ(LayerAt(file, 0).id, "big-roof");
  EXPECT_EQ(LayerAt(file, 0).title, "Big Roof!");
  EXPECT_EQ(LayerAt(file, 1).id, "big-roof-2");
  EXPECT_EQ(LayerAt(file, 2).id, "model-3");
  EXPECT_EQ(LayerAt(file, 2).title, "\uFFFD");  // titles are valid UTF-8 whatever the file has
  EXPECT_EQ(LayerAt(file, 3).id, "model-4");
}

TEST(VoxReadTest, NodesThatNestOtherwiseAreReadAllTheSame) {
  // The root is a shape's transform; a group holds a shape directly.
  const ImportedFile single = MustRead(VoxFileBuilder()
                                           .Model({2, 1, 1}, kTwo)
                                           .Transform(0, 1, {}, {{"_t", "5 0 0"}})
                                           .Shape(1, 0)
                                           .Build());
  ASSERT_EQ(single.document->layers.size(), 1u);
  EXPECT_EQ(LayerAt(single, 0).transform.Apply(Coord{0, 0, 0}), (Coord{4, 0, 0}));
  const ImportedFile direct = MustRead(
      VoxFileBuilder().Model({2, 1, 1}, kTwo).Transform(0, 1).Group(1, {2, 2}).Shape(2, 0).Build());
  EXPECT_EQ(direct.document->layers.size(), 2u);
}

TEST(VoxReadTest, DoublingGroupsAreRefusedByTheLayerLimitAtOnce) {
  VoxFileBuilder builder;
  builder.Model({2, 1, 1}, kTwo).Transform(0, 1);
  for (int level = 0; level < 60; ++level) {  // 2^60 instances
    const int group = 1 + 3 * level;
    builder.Group(group, {group + 1, group + 2})
        .Transform(group + 1, group + 3)
        .Transform(group + 2, group + 3);
  }
  builder.Group(181, {182}).Transform(182, 183).Shape(183, 0);
  const auto file = MakeVoxFormat()->Read(builder.Build(), {}, {});
  EXPECT_EQ(ReasonOf(file.status()), "LIMIT_LAYERS");
}

TEST(VoxReadTest, DoublingGroupsWithoutShapesCostNothing) {
  VoxFileBuilder builder;
  builder.Model({2, 1, 1}, kTwo).Transform(0, 1);
  for (int level = 0; level < 60; ++level) {
    const int group = 1 + 3 * level;
    builder.Group(group, {group + 1, group + 2})
        .Transform(group + 1, group + 3)
        .Transform(group + 2, group + 3);
  }
  builder.Group(181, {});
  const ImportedFile file = MustRead(builder.Build());
  EXPECT_TRUE(file.document->layers.empty());
  EXPECT_EQ(MustRead(Bytes(*file.document)).document->scene->nodes.size(),
            file.document->scene->nodes.size());
}

TEST(VoxReadTest, InstancesCountAgainstTheVoxelLimit) {
  const std::string bytes = TestFile("rot48.vox");
  EXPECT_TRUE(MakeVoxFormat()->Read(bytes, {.max_voxels = 48 * 13}, {}).ok());
  EXPECT_EQ(ReasonOf(MakeVoxFormat()->Read(bytes, {.max_voxels = 48 * 13 - 1}, {}).status()),
            "LIMIT_VOXELS");
  EXPECT_EQ(ReasonOf(MakeVoxFormat()->Read(bytes, {.max_layers = 47}, {}).status()),
            "LIMIT_LAYERS");
}

TEST(VoxReadTest, LastOfRepeatedVoxelsCountsAndIndexZeroIsAir) {
  const ImportedFile file =
      MustRead(VoxFileBuilder()
                   .Model({2, 1, 1}, {{0, 0, 0, 1}, {0, 0, 0, 2}, {1, 0, 0, 1}, {1, 0, 0, 0}})
                   .Colors({0x111111FF, 0x222222FF})
                   .Build());
  EXPECT_EQ(LayerAt(file, 0).volume.Get({0, 0, 0}), 0x222222FF);
  EXPECT_EQ(LayerAt(file, 0).volume.Get({1, 0, 0}), kAir);
  EXPECT_THAT(file.warnings,
              ElementsAre(HasSubstr("2 voxels repeat"), HasSubstr("1 voxels have colour index 0")));
}

TEST(VoxReadTest, CancelledReadSaysSo) {
  CancelToken token;
  token.Cancel();
  TaskContext context;
  context.cancel = &token;
  EXPECT_EQ(ReasonOf(MakeVoxFormat()->Read(TestFile("rot48.vox"), {}, context).status()),
            "CALL_CANCELLED");
}

}  // namespace
}  // namespace voxel
