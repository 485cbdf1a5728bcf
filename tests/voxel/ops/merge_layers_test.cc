#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/random_edits.h"
#include "voxel/base/error.h"

namespace voxel {
namespace {

RefPtr<const Layer> RandomLayer(const std::string& id, RandomEdits& random,
                                const Transform& place) {
  auto* layer = new Layer;
  layer->id = id;
  layer->transform = place;
  layer->opacity = random.OneIn(2) ? 255 : 140;
  for (int i = 0; i < 4; ++i) {
    layer->volume =
        AppliedTo(layer->volume, {EditOf(Ellipsoid{random.AnyBox(12), random.AnyColor(), 0})});
  }
  return RefPtr<const Layer>::Adopt(layer);
}

TEST(MergeLayersTest, TheMergedLayerLooksAsTheLayersDid) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    RandomEdits random(seed, {-14, -14, -14});
    const Transform turned{Rotation::Quarter(random.AnyAxis(), 1), {3, -2, 1}};
    const auto document =
        NewDocument({RandomLayer("a", random, Transform()), RandomLayer("b", random, turned),
                     RandomLayer("c", random, Transform())});
    const std::vector<std::string> ids{"c", "a", "b"};
    const auto merged = MergeLayers(*document, ids, "all", TaskContext());
    ASSERT_TRUE(merged.ok()) << merged.status();
    ASSERT_EQ((*merged)->layers.size(), 1u);
    EXPECT_EQ((*merged)->layers[0]->id, "all");
    const Box box{{-32, -32, -32}, {32, 32, 32}};
    for (int i = 0; i < 4000; ++i) {
      const Coord c = box.min + Coord{random.Below(64), random.Below(64), random.Below(64)};
      ASSERT_EQ(CompositeAt(**merged, c), CompositeAt(*document, c)) << seed;
    }
  }
}

TEST(MergeLayersTest, TakesThePlaceOfTheLowest) {
  const auto document = NewDocument({NewLayer("a"), NewLayer("b"), NewLayer("c"), NewLayer("d")});
  const std::vector<std::string> ids{"d", "b"};
  const auto merged = MergeLayers(*document, ids, "b", TaskContext());
  ASSERT_TRUE(merged.ok()) << merged.status();
  ASSERT_EQ((*merged)->layers.size(), 3u);
  EXPECT_EQ((*merged)->layers[0].get(), document->layers[0].get());
  EXPECT_EQ((*merged)->layers[1]->id, "b");
  EXPECT_EQ((*merged)->layers[2].get(), document->layers[2].get());
}

TEST(MergeLayersTest, RefusesWhatCannotBeMerged) {
  const auto document =
      NewDocument({NewLayer("a"), NewLayer("b"), LockedLayer(), LinkedLayer("a")});
  const auto refused = [&](std::vector<std::string> ids, const std::string& target) {
    const auto result = MergeLayers(*document, ids, target, TaskContext());
    return ReasonOf(result.status()) + " " + FieldOf(result.status());
  };
  EXPECT_EQ(refused({}, "x"), "INVALID_FIELD layers");
  EXPECT_EQ(refused({"b", "nobody"}, "x"), "LAYER_NOT_FOUND layers[1]");
  EXPECT_EQ(refused({"b", "b"}, "x"), "INVALID_FIELD layers[1]");
  EXPECT_EQ(refused({"b", "locked"}, "x"), "LAYER_LOCKED layers[1]");
  EXPECT_EQ(refused({"b"}, "a"), "LAYER_EXISTS target");
  EXPECT_EQ(refused({"a", "b"}, "x"), "LAYER_LINKED layers");
  EXPECT_EQ(refused({"a", "linked", "b"}, "x"), " ");  // with its copy it may go
}

TEST(FlattenLayersTest, MergesWhatIsVisibleAndLeavesWhatIsHidden) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    RandomEdits random(seed, {-14, -14, -14});
    auto hidden = MakeRef<Layer>(*RandomLayer("hidden", random, Transform()));
    hidden->visible = false;
    const auto document = NewDocument({RandomLayer("a", random, Transform()),
                                       RefPtr<const Layer>::Adopt(hidden.release()),
                                       RandomLayer("b", random, Transform())});
    const auto flat = FlattenLayers(*document, "a", TaskContext());
    ASSERT_TRUE(flat.ok()) << flat.status();
    ASSERT_EQ((*flat)->layers.size(), 2u);
    EXPECT_EQ((*flat)->layers[0]->id, "a");
    EXPECT_EQ((*flat)->layers[1].get(), document->layers[1].get());
    const std::vector<std::string> visible{"a", "b"};
    const auto merged = MergeLayers(*document, visible, "a", TaskContext());
    ASSERT_TRUE(merged.ok()) << merged.status();
    EXPECT_EQ((*flat)->ContentHash(), (*merged)->ContentHash());
  }
}

TEST(FlattenLayersTest, RefusesWhatCannotBeFlattened) {
  const auto refused = [](std::vector<RefPtr<const Layer>> layers, const std::string& target) {
    const auto result = FlattenLayers(*NewDocument(std::move(layers)), target, TaskContext());
    return ReasonOf(result.status()) + " " + FieldOf(result.status());
  };
  auto hidden = MakeRef<Layer>(*NewLayer("hidden"));
  hidden->visible = false;
  const auto away = RefPtr<const Layer>::Adopt(hidden.release());
  auto copy = MakeRef<Layer>(*LinkedLayer("a"));
  copy->visible = false;
  const auto linked = RefPtr<const Layer>::Adopt(copy.release());
  EXPECT_EQ(refused({away}, "x"), "LAYER_NOT_FOUND target");
  EXPECT_EQ(refused({NewLayer("a"), LockedLayer()}, "x"), "LAYER_LOCKED target");
  EXPECT_EQ(refused({NewLayer("a"), away}, "hidden"), "LAYER_EXISTS target");
  EXPECT_EQ(refused({NewLayer("a"), linked}, "x"), "LAYER_LINKED target");
}

TEST(MergeLayersTest, PlacementsBecomeVoxels) {
  const Volume voxel = AppliedTo(Volume(), {EditOf(SetVoxels{{{1, 2, 3}}, {kRed}})});
  const auto document = NewDocument({NewLayer("a", voxel, {Rotation(), {10, 20, 30}})});
  const std::vector<std::string> ids{"a"};
  const auto merged = MergeLayers(*document, ids, "a", TaskContext());
  ASSERT_TRUE(merged.ok());
  EXPECT_TRUE((*merged)->layers[0]->transform.identity());
  EXPECT_EQ((*merged)->layers[0]->volume.Get({11, 22, 33}), kRed);
}

}  // namespace
}  // namespace voxel
