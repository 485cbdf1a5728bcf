#include "daemon/store/change_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/store/project_fixture.h"
#include "tests/support/colors.h"

namespace voxeld {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;
using voxel::Document;
using voxel::Layer;
using voxel::RefPtr;

using voxel::kRed;

// A layer with voxels in its own space.
RefPtr<Layer> MakeLayer(const std::string& id, const std::vector<voxel::Coord>& voxels = {}) {
  Revision blank;
  blank.document = BlankDocument();
  for (const voxel::Coord at : voxels) blank.document = *SetVoxel(at, kRed)(blank);
  auto layer = voxel::MakeRef<Layer>(*blank.document->layers[0]);
  layer->id = id;
  return layer;
}

RefPtr<const Document> MakeDocument(const std::vector<RefPtr<Layer>>& layers) {
  auto document = voxel::MakeRef<Document>();
  for (const RefPtr<Layer>& layer : layers) {
    document->layers.push_back(RefPtr<const Layer>::Share(layer.get()));
  }
  return RefPtr<const Document>::Adopt(document.release());
}

template <typename Change>
RefPtr<Layer> With(const RefPtr<Layer>& layer, Change change) {
  auto copy = voxel::MakeRef<Layer>(*layer);
  change(*copy);
  return copy;
}

TEST(ChangeSummaryTest, EqualContentInAnotherObjectIsNoChange) {
  const auto a = MakeDocument({MakeLayer("a", {{1, 1, 1}})});
  const auto b = MakeDocument({MakeLayer("a", {{1, 1, 1}})});
  const ChangeSummary summary = SummarizeChange(*a, *b);
  EXPECT_FALSE(summary.changed);
  EXPECT_TRUE(summary.layers.empty());
}

TEST(ChangeSummaryTest, SettingsOfTheDocumentAreAChangeWithoutVoxels) {
  const auto before = MakeDocument({MakeLayer("a", {{1, 1, 1}})});
  auto after = voxel::MakeRef<Document>(*before);
  auto stage = voxel::MakeRef<voxel::Stage>();
  stage->light.emplace();
  after->stage = std::move(stage);
  const ChangeSummary summary = SummarizeChange(*before, *after);
  EXPECT_TRUE(summary.changed);
  EXPECT_EQ(summary.voxels_changed, 0);
  EXPECT_TRUE(summary.layers.empty());
}

RefPtr<const Document> WithSelection(const RefPtr<const Document>& document, const char* id,
                                     voxel::VoxelSet voxels) {
  auto copy = voxel::MakeRef<Document>(*document);
  copy->PutSelection(
      RefPtr<const voxel::Selection>(voxel::MakeRef<voxel::Selection>(id, std::move(voxels))));
  return RefPtr<const Document>::Adopt(copy.release());
}

TEST(ChangeSummaryTest, ASelectionIsAChangeButNoVoxel) {
  const auto plain = MakeDocument({MakeLayer("a", {{1, 1, 1}})});
  const voxel::Volume one = MakeLayer("s", {{1, 1, 1}})->volume;
  const voxel::Volume two = MakeLayer("s", {{1, 1, 1}, {2, 1, 1}})->volume;
  const auto before = WithSelection(plain, "s", {one});
  for (const auto& after :
       {plain, WithSelection(plain, "s", {two}), WithSelection(plain, "t", {one}),
        WithSelection(plain, "s", {one, true})}) {
    const ChangeSummary summary = SummarizeChange(*before, *after);
    EXPECT_TRUE(summary.changed);
    EXPECT_EQ(summary.voxels_changed, 0);
    EXPECT_TRUE(summary.bounds.empty());
    EXPECT_TRUE(summary.layers.empty());
    EXPECT_FALSE(BoxChanged(*before, *after, voxel::kWorld));
  }
  const voxel::Volume same = MakeLayer("s", {{1, 1, 1}})->volume;
  EXPECT_FALSE(SummarizeChange(*before, *WithSelection(plain, "s", {same})).changed);
}

TEST(ChangeSummaryTest, VoxelsCountPerLayerAndBoundsAreInTheWorld) {
  const auto shift = [](Layer& layer) { layer.transform.offset = {100, 0, 0}; };
  const auto low = MakeLayer("low", {{0, 0, 0}});
  const auto before = MakeDocument({low, With(MakeLayer("high", {{5, 0, 0}}), shift)});
  const auto after = MakeDocument({low, With(MakeLayer("high", {{6, 0, 0}}), shift)});
  const ChangeSummary summary = SummarizeChange(*before, *after);
  EXPECT_TRUE(summary.changed);
  EXPECT_EQ(summary.voxels_changed, 2);
  EXPECT_EQ(summary.bounds, (voxel::Box{{105, 0, 0}, {107, 1, 1}}));
  EXPECT_THAT(summary.layers, ElementsAre("high"));
}

TEST(ChangeSummaryTest, AddedAndRemovedLayersCountWhole) {
  const auto kept = MakeLayer("kept", {{0, 0, 0}});
  const auto before = MakeDocument({kept, MakeLayer("old", {{1, 0, 0}, {2, 0, 0}})});
  const auto after = MakeDocument({MakeLayer("new", {{9, 0, 0}}), kept});
  const ChangeSummary summary = SummarizeChange(*before, *after);
  EXPECT_EQ(summary.voxels_changed, 3);
  EXPECT_EQ(summary.bounds, (voxel::Box{{1, 0, 0}, {10, 1, 1}}));
  EXPECT_THAT(summary.layers, UnorderedElementsAre("old", "new"));
}

TEST(ChangeSummaryTest, MovedLayerCountsHereAndThere) {
  const auto layer = MakeLayer("a", {{0, 0, 0}});
  const auto moved = With(layer, [](Layer& l) { l.transform.offset = {0, 0, 50}; });
  const ChangeSummary summary = SummarizeChange(*MakeDocument({layer}), *MakeDocument({moved}));
  EXPECT_EQ(summary.voxels_changed, 2);
  EXPECT_EQ(summary.bounds, (voxel::Box{{0, 0, 0}, {1, 1, 51}}));
}

TEST(ChangeSummaryTest, SettingsAreChangesWithoutVoxels) {
  const auto layer = MakeLayer("a", {{0, 0, 0}});
  const auto hidden = With(layer, [](Layer& l) { l.visible = false; });
  const ChangeSummary summary = SummarizeChange(*MakeDocument({layer}), *MakeDocument({hidden}));
  EXPECT_TRUE(summary.changed);
  EXPECT_EQ(summary.voxels_changed, 0);
  EXPECT_TRUE(summary.bounds.empty());
  EXPECT_THAT(summary.layers, ElementsAre("a"));
}

TEST(ChangeSummaryTest, NewOrderListsWhatLiesBetween) {
  const auto a = MakeLayer("a"), b = MakeLayer("b"), c = MakeLayer("c"), d = MakeLayer("d");
  const ChangeSummary summary =
      SummarizeChange(*MakeDocument({a, b, c, d}), *MakeDocument({a, c, b, d}));
  EXPECT_TRUE(summary.changed);
  EXPECT_THAT(summary.layers, UnorderedElementsAre("b", "c"));
}

TEST(ChangeSummaryTest, TitleIsAChangeOfNoLayer) {
  const auto before = MakeDocument({MakeLayer("a")});
  auto after = voxel::MakeRef<Document>(*before);
  after->title = "castle";
  const ChangeSummary summary = SummarizeChange(*before, *after);
  EXPECT_TRUE(summary.changed);
  EXPECT_TRUE(summary.layers.empty());
}

TEST(BoxChangedTest, OnlyVoxelsInsideMatter) {
  const auto at_zero = MakeDocument({MakeLayer("a", {{0, 0, 0}})});
  const auto at_both = MakeDocument({MakeLayer("a", {{0, 0, 0}, {3, 0, 0}})});
  EXPECT_TRUE(BoxChanged(*at_zero, *at_both, voxel::BoxAt({3, 0, 0})));
  EXPECT_FALSE(BoxChanged(*at_zero, *at_both, voxel::BoxAt({0, 0, 0})));  // in the same brick
  EXPECT_FALSE(BoxChanged(*at_zero, *at_both, voxel::BoxAt({4, 0, 0})));
}

TEST(BoxChangedTest, BoxIsInTheWorld) {
  const auto shift = [](Layer& layer) { layer.transform.offset = {-50, 0, 0}; };
  const auto before = MakeDocument({With(MakeLayer("a"), shift)});
  const auto after = MakeDocument({With(MakeLayer("a", {{0, 0, 0}}), shift)});
  EXPECT_TRUE(BoxChanged(*before, *after, voxel::BoxAt({-50, 0, 0})));
  EXPECT_FALSE(BoxChanged(*before, *after, voxel::BoxAt({0, 0, 0})));
}

TEST(BoxChangedTest, LayersAtTheEdgesOfTheWorld) {
  for (const int32_t offset : {voxel::kMinCoord, voxel::kMaxCoord - 1}) {
    const auto shift = [offset](Layer& layer) { layer.transform.offset = {offset, offset, 0}; };
    const auto before = MakeDocument({With(MakeLayer("a"), shift)});
    const auto after = MakeDocument({With(MakeLayer("a", {{0, 0, 0}}), shift)});
    EXPECT_TRUE(BoxChanged(*before, *after, voxel::kWorld));
    EXPECT_TRUE(BoxChanged(*MakeDocument({}), *after, voxel::kWorld));
    EXPECT_TRUE(BoxChanged(*before, *after, voxel::BoxAt({offset, offset, 0})));
    EXPECT_FALSE(BoxChanged(*before, *after, voxel::BoxAt({-offset, 0, 0})));
  }
}

TEST(BoxChangedTest, LayersThatComeGoOrMoveCountWhereTheyHaveVoxels) {
  const auto base = MakeLayer("base");
  const auto layer = MakeLayer("a", {{0, 0, 0}});
  const auto without = MakeDocument({base});
  const auto with = MakeDocument({base, layer});
  const auto moved = MakeDocument({base, With(layer, [](Layer& l) {
                                     l.transform.offset = {7, 0, 0};
                                   })});
  const auto here = voxel::BoxAt({0, 0, 0});
  const auto there = voxel::BoxAt({7, 0, 0});
  EXPECT_TRUE(BoxChanged(*without, *with, here));
  EXPECT_TRUE(BoxChanged(*with, *without, here));
  EXPECT_FALSE(BoxChanged(*without, *with, there));
  EXPECT_TRUE(BoxChanged(*with, *moved, here));
  EXPECT_TRUE(BoxChanged(*with, *moved, there));
  EXPECT_FALSE(BoxChanged(*with, *moved, voxel::BoxAt({3, 0, 0})));
}

}  // namespace
}  // namespace voxeld
