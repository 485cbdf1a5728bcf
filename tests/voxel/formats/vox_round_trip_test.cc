// Import, export, import: nothing that the format carries may be lost, and nothing may keep
// changing.

#include <gmock/gmock.h>

#include "tests/voxel/formats/vox_testing.h"
#include "voxel/formats/vox_cursor.h"

namespace voxel {
namespace {

class VoxRoundTripTest : public ::testing::TestWithParam<const char*> {};

TEST_P(VoxRoundTripTest, KeepsEverythingAndThenStaysTheSameBytes) {
  const ImportedFile first = MustRead(TestFile(GetParam()));
  const std::string bytes = Bytes(*first.document);
  const ImportedFile second = MustRead(bytes);
  EXPECT_THAT(second.warnings, ::testing::IsEmpty());
  ExpectSame(*first.document, *second.document);
  EXPECT_EQ(WorldHash(*first.document), WorldHash(*second.document));
  EXPECT_TRUE(Bytes(*second.document) == bytes);
}

INSTANTIATE_TEST_SUITE_P(Files, VoxRoundTripTest,
                         ::testing::Values("rot48.vox", "nested_dag.vox", "anim_v200.vox",
                                           "imap_notes_matl.vox", "legacy_pack_nopal.vox"),
                         [](const auto& file) {
                           return std::string(file.param, std::string(file.param).find('.'));
                         });

TEST(VoxRoundTripTest, GraphComesBackNodeByNode) {
  for (const char* name : {"nested_dag.vox", "anim_v200.vox", "rot48.vox"}) {
    SCOPED_TRACE(name);
    const ImportedFile first = MustRead(TestFile(name));
    const ImportedFile second = MustRead(Bytes(*first.document));
    const std::vector<SceneNode>& a = first.document->scene->nodes;
    const std::vector<SceneNode>& b = second.document->scene->nodes;
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].kind, b[i].kind);
      EXPECT_EQ(a[i].attributes, b[i].attributes);
      EXPECT_EQ(a[i].children, b[i].children);
      EXPECT_EQ(a[i].layer, b[i].layer);
      EXPECT_EQ(a[i].frames, b[i].frames);
      EXPECT_EQ(a[i].models, b[i].models);
    }
    EXPECT_EQ(first.document->scene->version, second.document->scene->version);
  }
}

TEST(VoxRoundTripTest, UnknownChunksAndCamerasComeBackInOrder) {
  const ImportedFile first = MustRead(TestFile("imap_notes_matl.vox"));
  const ImportedFile second = MustRead(Bytes(*first.document));
  std::vector<std::string> ids;
  for (const SceneChunk& chunk : second.document->scene->chunks) ids.push_back(chunk.id);
  EXPECT_THAT(ids, ::testing::ElementsAre("IMAP", "NOTE", "zzzz"));
  EXPECT_EQ(second.document->scene->chunks.back().content, "unknown chunk");
  ASSERT_TRUE(second.document->stage);
  EXPECT_EQ(*first.document->stage, *second.document->stage);
}

// Entries 1, 2 and 4 have the same colour: only the index says which of them a voxel means.
TEST(VoxRoundTripTest, IndicesOfEqualColoursSurvive) {
  const std::vector<VoxFileBuilder::Voxel> voxels = {
      {0, 0, 0, 1}, {1, 0, 0, 2}, {2, 0, 0, 3}, {3, 0, 0, 4}};
  const std::string bytes = VoxFileBuilder()
                                .Model({4, 1, 1}, voxels)
                                .Colors({0x102030FF, 0x102030FF, 0x405060FF, 0x102030FF})
                                .Build();
  const std::string written = Bytes(*MustRead(bytes).document);
  const std::string_view model("\x04\0\0\0\0\0\0\x01\x01\0\0\x02\x02\0\0\x03\x03\0\0\x04", 20);
  EXPECT_NE(written.find(model), std::string::npos);
}

TEST(VoxRoundTripTest, UnusedColoursKeepTheirPlaceAndAlpha) {
  const ImportedFile first = MustRead(VoxFileBuilder()
                                          .Model({1, 1, 1}, {{0, 0, 0, 7}})
                                          .Colors({0x01020300, 0x04050680, 0, 0, 0, 0, 0x0A0B0C40})
                                          .Build());
  EXPECT_EQ(first.document->layers[0]->volume.Get({0, 0, 0}), 0x0A0B0C40u);
  const ImportedFile second = MustRead(Bytes(*first.document));
  ExpectSame(*first.document, *second.document);
  EXPECT_EQ(second.document->palette->entries[0].color, 0x01020300u);
  EXPECT_EQ(second.document->palette->entries[1].color, 0x04050680u);
}

TEST(VoxRoundTripTest, ModelsThatNothingShowsAreKept) {
  const ImportedFile first = MustRead(VoxFileBuilder()
                                          .Model({1, 1, 1}, {{0, 0, 0, 1}})
                                          .Model({2, 1, 1}, {{0, 0, 0, 2}, {1, 0, 0, 3}})
                                          .Transform(0, 1)
                                          .Group(1, {2})
                                          .Transform(2, 3)
                                          .Shape(3, 0)
                                          .Build());
  const ImportedFile second = MustRead(Bytes(*first.document));
  ASSERT_EQ(second.document->scene->models.size(), 2u);
  EXPECT_EQ(second.document->scene->models[1].voxels.CountVoxels(), 2);
}

TEST(VoxRoundTripTest, EmptyModelsAndEmptyScenesStay) {
  const ImportedFile empty_model = MustRead(VoxFileBuilder().Model({5, 6, 7}, {}).Build());
  const ImportedFile again = MustRead(Bytes(*empty_model.document));
  ASSERT_EQ(again.document->layers.size(), 1u);
  EXPECT_EQ(again.document->scene->models[0].size, (Coord{5, 6, 7}));
  const ImportedFile no_models = MustRead(VoxFileBuilder().Transform(0, 1).Group(1, {}).Build());
  EXPECT_TRUE(MustRead(Bytes(*no_models.document)).document->layers.empty());
}

}  // namespace
}  // namespace voxel
