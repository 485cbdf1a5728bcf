// What becomes of a document's changes when it is written: the layers are right, and what they
// leave alone stays shared.

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/voxel/formats/vox_testing.h"
#include "voxel/base/error.h"
#include "voxel/formats/builtin_formats.h"
#include "voxel/formats/vox_cursor.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The layers of nested_dag.vox: the group "left" and the rotated group "réf" share their two
// children (0, 1 and 2, 3), 4 is hidden by its layer record, 5 by itself.
RefPtr<Document> Scene() { return Copy(*MustRead(TestFile("nested_dag.vox")).document); }

size_t NodesIn(const ImportedFile& file) { return file.document->scene->nodes.size(); }

void ExpectWorldOf(const Document& document, const ImportedFile& file) {
  EXPECT_TRUE(WorldVoxels(document, false) == WorldVoxels(*file.document, false));
  EXPECT_TRUE(WorldVoxels(document, true) == WorldVoxels(*file.document, true));
}

void SetVoxel(Document& document, int index, Coord at, Color color) {
  RefPtr<Layer> layer = CopyLayer(document, index);
  VolumeEditor editor(layer->volume);
  editor.Set(at, color);
  layer->volume = editor.Commit();
  PutLayer(document, index, std::move(layer));
}

TEST(VoxWriteTest, MovedInstanceGetsNodesOfItsOwnAndTheOthersStayShared) {
  const RefPtr<Document> document = Scene();
  const size_t before = document->scene->nodes.size();
  RefPtr<Layer> layer = CopyLayer(*document, 2);
  layer->transform = Transform{Rotation::Quarter(Axis::kZ, 1), {-7, 30, 2}} * layer->transform;
  PutLayer(*document, 2, std::move(layer));
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  // The moved transform and the group above it are two; the shape and the group's other child are
  // still shared.
  EXPECT_EQ(NodesIn(file), before + 2);
  EXPECT_EQ(file.document->scene->models.size(), 1u);
  EXPECT_EQ(file.document->layers[2]->group, "r\u00e9f");
}

TEST(VoxWriteTest, EditedVoxelsOfASharedModelChangeItInPlace) {
  const RefPtr<Document> document = Scene();
  SetVoxel(*document, 0, {2, 2, 2}, 0xFF8800FF);  // the original; the linked layers follow
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  EXPECT_EQ(NodesIn(file), document->scene->nodes.size());
  EXPECT_EQ(file.document->scene->models.size(), 1u);
  EXPECT_EQ(file.document->scene->models[0].size, (Coord{3, 4, 7}));
}

TEST(VoxWriteTest, VoxelsBeyondTheModelGrowItWithoutMovingTheOthers) {
  const RefPtr<Document> document = Scene();
  SetVoxel(*document, 0, {-6, 1, 9}, 0xFF8800FF);
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  EXPECT_EQ(file.document->scene->models[0].size, (Coord{9, 4, 10}));
}

TEST(VoxWriteTest, UnlinkedLayerGetsAModelOfItsOwn) {
  const RefPtr<Document> document = Scene();
  RefPtr<Layer> layer = CopyLayer(*document, 3);
  layer->linked_to.clear();
  PutLayer(*document, 3, std::move(layer));
  SetVoxel(*document, 3, {0, 0, 0}, 0x00FF00FF);
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  EXPECT_EQ(file.document->scene->models.size(), 2u);
  EXPECT_EQ(file.document->layers[3]->linked_to, "");
  EXPECT_EQ(file.document->layers[2]->linked_to, file.document->layers[0]->id);
}

TEST(VoxWriteTest, DeletedLayersVanishAndSoDoTheirGroups) {
  const RefPtr<Document> document = Scene();
  document->layers.erase(document->layers.begin() + 2,
                         document->layers.begin() + 4);  // all of "réf"
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  ASSERT_EQ(file.document->layers.size(), 4u);
  EXPECT_EQ(NodesIn(file),
            document->scene->nodes.size() - 1);  // its transform; the rest is shared with "left"
  document->layers.clear();
  const ImportedFile none = MustRead(Bytes(*document));
  EXPECT_EQ(NodesIn(none), 2u);
  EXPECT_THAT(none.document->scene->models, IsEmpty());
}

TEST(VoxWriteTest, HidingOneInstanceLeavesTheOthersVisible) {
  const RefPtr<Document> document = Scene();
  RefPtr<Layer> layer = CopyLayer(*document, 1);
  layer->visible = false;
  PutLayer(*document, 1, std::move(layer));
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  EXPECT_FALSE(file.document->layers[1]->visible);
  EXPECT_TRUE(file.document->layers[3]->visible);
}

TEST(VoxWriteTest, ShowingAHiddenInstanceWorksWhateverHidIt) {
  const RefPtr<Document> document = Scene();
  for (const int index : {4, 5}) {
    RefPtr<Layer> layer = CopyLayer(*document, index);
    layer->visible = true;
    PutLayer(*document, index, std::move(layer));
  }
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  EXPECT_TRUE(file.document->layers[4]->visible);
  EXPECT_TRUE(file.document->layers[5]->visible);
}

TEST(VoxWriteTest, ShowingOneOfAHiddenGroupKeepsItsOthersHidden) {
  const std::string bytes = VoxFileBuilder()
                                .Model({1, 1, 1}, {{0, 0, 0, 1}})
                                .Transform(0, 1)
                                .Group(1, {2})
                                .Transform(2, 3, {{"_name", "house"}, {"_hidden", "1"}})
                                .Group(3, {4, 6})
                                .Transform(4, 5)
                                .Shape(5, 0)
                                .Transform(6, 7, {}, {{"_t", "9 0 0"}})
                                .Shape(7, 0)
                                .Build();
  const RefPtr<Document> document = Copy(*MustRead(bytes).document);
  ASSERT_FALSE(document->layers[0]->visible);
  RefPtr<Layer> layer = CopyLayer(*document, 1);
  layer->visible = true;
  PutLayer(*document, 1, std::move(layer));
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  EXPECT_FALSE(file.document->layers[0]->visible);
  EXPECT_TRUE(file.document->layers[1]->visible);
  EXPECT_EQ(file.document->layers[1]->group, "house");
}

TEST(VoxWriteTest, TitleAndGroupFollowTheLayer) {
  const RefPtr<Document> document = Scene();
  RefPtr<Layer> layer = CopyLayer(*document, 1);
  layer->title = "Chimney";
  layer->group = "house/roof";
  PutLayer(*document, 1, std::move(layer));
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  const int index = file.document->Find("chimney");
  ASSERT_GE(index, 0);
  EXPECT_EQ(file.document->layers[static_cast<size_t>(index)]->group, "house/roof");
  EXPECT_EQ(file.document->layers[static_cast<size_t>(index)]->title, "Chimney");
}

TEST(VoxWriteTest, KeyframesMoveAlongWithTheirLayer) {
  const RefPtr<Document> document = Copy(*MustRead(TestFile("anim_v200.vox")).document);
  RefPtr<Layer> layer = CopyLayer(*document, 0);
  layer->transform.offset = layer->transform.offset + Coord{5, 0, -1};
  PutLayer(*document, 0, std::move(layer));
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  const std::vector<Attributes>& frames = file.document->scene->nodes[2].frames;
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(FindAttribute(frames[0], "_t"), "5 0 2");
  EXPECT_EQ(FindAttribute(frames[1], "_t"), "25 0 2");
  EXPECT_EQ(FindAttribute(frames[2], "_t"), "45 0 2");
  EXPECT_EQ(FindAttribute(frames[1], "_f"), "10");
}

TEST(VoxWriteTest, OrderOfLayersIsTheOrderInTheirGroup) {
  const RefPtr<Document> document = Copy(*MustRead(TestFile("rot48.vox")).document);
  std::reverse(document->layers.begin(), document->layers.end());
  const ImportedFile file = MustRead(Bytes(*document));
  ASSERT_EQ(file.document->layers.size(), 48u);
  for (size_t i = 0; i < 48; ++i)
    EXPECT_EQ(file.document->layers[i]->title, document->layers[i]->title);
  ExpectWorldOf(*document, file);
}

TEST(VoxWriteTest, CopyOfALayerIsALayerOfItsOwn) {
  const RefPtr<Document> document = Scene();
  RefPtr<Layer> copy = CopyLayer(*document, 0);
  copy->id = "copy";
  copy->linked_to = document->layers[0]->id;
  copy->transform.offset = {100, 100, 0};
  document->layers.push_back(RefPtr<const Layer>::Adopt(copy.release()));
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  EXPECT_EQ(file.document->layers.size(), 7u);
  EXPECT_EQ(file.document->scene->models.size(), 1u);  // linked: the model is shared
}

TEST(VoxWriteTest, NewDocumentBecomesAFreshScene) {
  const RefPtr<Document> document = MakeRef<Document>();
  document->layers.push_back(
      NewLayer("tower", {{{-3, 5, 7}, 0xFF0000FF}, {{10, 5, 7}, 0x00FF0080}}));
  RefPtr<Layer> roof = MakeRef<Layer>(*NewLayer("roof", {{{0, 0, 0}, 0x0000FFFF}}));
  roof->group = "house/top";
  roof->transform = {Rotation::Quarter(Axis::kX, 1), {4, 4, 40}};
  roof->visible = false;
  document->layers.push_back(RefPtr<const Layer>::Adopt(roof.release()));
  const ExportResult result = MustWrite(*document);
  EXPECT_THAT(result.warnings, IsEmpty());
  EXPECT_EQ(result.files[0].name, "model.vox");
  const ImportedFile file = MustRead(result.files[0].data);
  ExpectWorldOf(*document, file);
  EXPECT_EQ(file.document->layers[0]->id, "tower");
  EXPECT_EQ(file.document->layers[1]->group, "house/top");
  EXPECT_FALSE(file.document->layers[1]->visible);
  EXPECT_TRUE(Bytes(*file.document) == result.files[0].data);
}

TEST(VoxWriteTest, LayerOver256OnASideIsSplitIntoNamedParts) {
  const RefPtr<Document> document = MakeRef<Document>();
  document->layers.push_back(NewLayer("wall", {{{-100, 0, 0}, 0xFF0000FF},
                                               {{155, 0, 0}, 0x00FF00FF},
                                               {{156, 0, 0}, 0x0000FFFF},
                                               {{700, 9, 9}, 0xFFFFFFFF}}));
  const std::string bytes = Bytes(*document);
  const ImportedFile file = MustRead(bytes);
  ExpectWorldOf(*document, file);
  ASSERT_EQ(file.document->layers.size(), 3u);  // [-100, 156), [156, 412), [668, 701)
  EXPECT_EQ(file.document->layers[0]->title, "wall 1");
  EXPECT_EQ(file.document->layers[0]->group, "wall");
  EXPECT_EQ(file.document->layers[0]->volume.CountVoxels(), 2);
  EXPECT_TRUE(Bytes(*file.document) == bytes);
}

TEST(VoxWriteTest, ImportedLayerThatGrewOver256IsSplitInItsPlace) {
  const RefPtr<Document> document = Scene();
  SetVoxel(*document, 0, {600, 0, 0}, 0xFF8800FF);
  const ImportedFile file = MustRead(Bytes(*document));
  ExpectWorldOf(*document, file);
  EXPECT_EQ(file.document->layers.size(), 12u);
}

TEST(VoxWriteTest, SplitLayerAtTheDeepestPlaceCanStillBeRead) {
  VoxFileBuilder builder;
  builder.Model({1, 1, 1}, {{0, 0, 0, 1}});
  for (int i = 0; i < 63; ++i) builder.Transform(2 * i, 2 * i + 1).Group(2 * i + 1, {2 * i + 2});
  builder.Transform(126, 127).Shape(127, 0);
  const RefPtr<Document> document = Copy(*MustRead(builder.Build()).document);
  SetVoxel(*document, 0, {600, 0, 0}, 0xFF8800FF);
  ExpectWorldOf(*document, MustRead(Bytes(*document)));
}

TEST(VoxWriteTest, ColoursOfThePaletteKeepTheirIndexAndNewOnesTakeUnusedEntries) {
  const RefPtr<Document> document = Copy(*MustRead(TestFile("imap_notes_matl.vox")).document);
  const std::vector<PaletteEntry> before = document->palette->entries;
  SetVoxel(*document, 0, {2, 2, 2}, 0x123456FF);
  const ExportResult result = MustWrite(*document);
  EXPECT_THAT(result.warnings, IsEmpty());
  const ImportedFile file = MustRead(result.files[0].data);
  ExpectWorldOf(*document, file);
  std::vector<size_t> changed;
  for (size_t i = 0; i < 256; ++i) {
    if (file.document->palette->entries[i] != before[i]) changed.push_back(i);
  }
  EXPECT_THAT(changed, ElementsAre(254));  // the last that colours a voxel
  EXPECT_EQ(file.document->palette->entries[254].color, 0x123456FFu);
}

TEST(VoxWriteTest, MoreThan255ColoursAreMergedAndCounted) {
  const RefPtr<Document> document = MakeRef<Document>();
  std::vector<WorldVoxel> voxels;
  for (uint32_t i = 0; i < 1000; ++i) {
    voxels.push_back({{static_cast<int32_t>(i % 100), static_cast<int32_t>(i / 100), 0},
                      Rgba(i % 256, i / 4, 99)});
  }
  document->layers.push_back(NewLayer("many", voxels));
  const ExportResult result = MustWrite(*document);
  EXPECT_THAT(result.warnings,
              ElementsAre(HasSubstr("1000 colours are more than the 255 of a .vox")));
  const ImportedFile file = MustRead(result.files[0].data);
  const std::vector<WorldVoxel> before = WorldVoxels(*document, true);
  const std::vector<WorldVoxel> after = WorldVoxels(*file.document, true);
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < after.size(); ++i) {
    ASSERT_EQ(after[i].at, before[i].at);
    EXPECT_NEAR(Red(after[i].color), Red(before[i].color), 24);
    EXPECT_NEAR(Green(after[i].color), Green(before[i].color), 24);
  }
  EXPECT_TRUE(Bytes(*file.document) == result.files[0].data);
}

TEST(VoxWriteTest, WhatTheFormatCannotKeepIsWarnedOf) {
  const RefPtr<Document> document = MakeRef<Document>();
  RefPtr<Layer> layer = MakeRef<Layer>(*NewLayer("ghost", {{{5000, 0, 0}, 0xFF0000FF}}));
  layer->opacity = 100;
  document->layers.push_back(RefPtr<const Layer>::Adopt(layer.release()));
  RefPtr<Palette> palette = MakeRef<Palette>();
  palette->entries.push_back({.color = 0xFF0000FF, .name = "brick", .material = {}});
  document->palette = RefPtr<const Palette>::Adopt(palette.release());
  EXPECT_THAT(MustWrite(*document).warnings,
              ElementsAre(HasSubstr("1 colour names"), HasSubstr("1 layers have an opacity"),
                          HasSubstr("1 layers reach out of MagicaVoxel's world")));
}

TEST(VoxWriteTest, VolumesNoFileCanHoldAreRefusedBeforeMemoryIsTaken) {
  const RefPtr<Document> document = MakeRef<Document>();
  RefPtr<Layer> layer = MakeRef<Layer>();
  layer->id = "huge";
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 1024, 0xFF0000FF);
  layer->volume = editor.Commit();
  document->layers.push_back(RefPtr<const Layer>::Adopt(layer.release()));
  EXPECT_EQ(ReasonOf(MakeVoxFormat()->Write(*document, {}, {}).status()), "LIMIT_BYTES");
}

TEST(VoxWriteTest, UnknownOptionIsNamed) {
  ExportOptions options;
  options.values["quality"] = "9";
  const absl::Status status = MakeVoxFormat()->Write(*MakeRef<Document>(), options, {}).status();
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  EXPECT_EQ(FieldOf(status), "options.quality");
}

}  // namespace
}  // namespace voxel
