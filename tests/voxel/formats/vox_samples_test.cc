// Files that other programs made, where the sample collection is at hand: counts, places and round
// trips.

#include <gmock/gmock.h>
#include <time.h>

#include <set>

#include "tests/voxel/formats/vox_testing.h"

namespace voxel {
namespace {

struct Sample {
  const char* file;
  int64_t stored;  // voxels of all models
  int64_t shown;   // voxels of all instances
  const char* hash = "";
};

class VoxSamplesTest : public ::testing::TestWithParam<Sample> {};

int64_t StoredVoxels(const Document& document) {
  int64_t count = 0;
  for (const SceneModel& model : document.scene->models) count += model.voxels.CountVoxels();
  return count;
}

TEST_P(VoxSamplesTest, HasItsVoxelsAndComesBackFromARoundTrip) {
  const std::optional<std::string> bytes = SampleFile(GetParam().file);
  if (!bytes) GTEST_SKIP() << "no sample collection";
  const ImportedFile first = MustRead(*bytes);
  EXPECT_EQ(StoredVoxels(*first.document), GetParam().stored);
  EXPECT_EQ(first.document->CountVoxels(), GetParam().shown);
  if (*GetParam().hash != '\0') {
    EXPECT_EQ(WorldHash(*first.document), GetParam().hash);
  }
  const std::string written = Bytes(*first.document);
  const ImportedFile second = MustRead(written);
  ExpectSame(*first.document, *second.document);
  EXPECT_TRUE(Bytes(*second.document) == written);
}

INSTANTIATE_TEST_SUITE_P(
    Files, VoxSamplesTest,
    ::testing::Values(
        Sample{"bonsai/cactus.vox", 78, 78}, Sample{"bonsai/lanterns.vox", 62839, 62839},
        Sample{"bonsai/loot_box_0.vox", 1776, 1776}, Sample{"bonsai/planter_vine.vox", 88, 88},
        Sample{"bonsai/red_power_barrell.vox", 6504, 6504}, Sample{"bonsai/skull.vox", 102, 102},
        Sample{"bonsai/spruce.vox", 16526, 16526}, Sample{"bonsai/treasure_0.vox", 942, 942},
        Sample{"bonsai/voxcart.vox", 2890, 2890}, Sample{"dot_vox/axes.vox", 4372, 12452},
        Sample{"dot_vox/metal-material.vox", 20, 20},
        Sample{"dot_vox/placeholder-with-materials.vox", 4, 4},
        Sample{"dot_vox/placeholder.vox", 4, 4},
        Sample{"dot_vox/single-voxel-with-material.vox", 1, 1},
        Sample{"floooh-voxel-data/cassette.vox", 54, 54},
        Sample{"floooh-voxel-data/scene.vox", 45220, 45220},
        Sample{"opengametools/test_meta_chunk.vox", 64000, 64000},
        Sample{"opengametools/test_multiple_model_scene.vox", 6053, 12926},
        Sample{"vox-format/ore_small.vox", 83, 83},
        Sample{"vox-format/test_custom_palette.vox", 5, 5},
        Sample{"vox-format/test_materials.vox", 5, 5},
        Sample{"vox-format/test_multiple_models.vox", 10, 10},
        Sample{"vox-format/test_no_models.vox", 0, 0},
        Sample{"vox-format/test_single_model_default_palette.vox", 5, 5},
        Sample{"made/shell256.vox", 390152, 390152,
               "39bef6580afbc4b410136284e080feb1a5b9e2b3bcfcdff3abc62706fce8c3ca"},
        Sample{"made/terrain1024.vox", 2570403, 2570403}),
    [](const auto& sample) {
      std::string name = sample.param.file;
      for (char& c : name) c = isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
      return name;
    });

TEST(VoxSamplesTest, UneditedFileIsWrittenWithItsOwnNodesModelsAndChunks) {
  const std::optional<std::string> bytes =
      SampleFile("opengametools/test_multiple_model_scene.vox");
  if (!bytes) GTEST_SKIP() << "no sample collection";
  const ImportedFile first = MustRead(*bytes);
  const ImportedFile second = MustRead(Bytes(*first.document));
  ASSERT_EQ(first.document->scene->nodes.size(), second.document->scene->nodes.size());
  for (size_t i = 0; i < first.document->scene->nodes.size(); ++i) {
    EXPECT_EQ(first.document->scene->nodes[i].children, second.document->scene->nodes[i].children)
        << i;
    EXPECT_EQ(first.document->scene->nodes[i].attributes,
              second.document->scene->nodes[i].attributes)
        << i;
  }
}

TEST(VoxSamplesTest, LargeTerrainIsReadInHalfASecond) {
  const std::optional<std::string> bytes = SampleFile("made/terrain1024.vox");
  if (!bytes) GTEST_SKIP() << "no sample collection";
#if !defined(__OPTIMIZE__)
  GTEST_SKIP() << "not an optimized build";
#endif
  if (kSanitized) GTEST_SKIP() << "a sanitizer watches";
  timespec start{};
  timespec end{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
  const ImportedFile file = MustRead(*bytes);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  const double seconds = static_cast<double>(end.tv_sec - start.tv_sec) +
                         1e-9 * static_cast<double>(end.tv_nsec - start.tv_nsec);
  RecordProperty("milliseconds", static_cast<int>(seconds * 1000));
  EXPECT_LT(seconds, 0.5);
  EXPECT_EQ(file.document->layers.size(), 16u);
}

}  // namespace
}  // namespace voxel
