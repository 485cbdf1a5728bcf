#include "voxel/grid/document.h"

#include <random>
#include <utility>

#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "tests/voxel/grid/test_kernels.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

Volume Cube(const Box& box, Color color) {
  VolumeEditor editor{Volume()};
  FillBox(editor, box, color);
  return editor.Commit();
}

RefPtr<Layer> NewLayer(std::string id, Volume volume) {
  RefPtr<Layer> layer = MakeRef<Layer>();
  layer->id = std::move(id);
  layer->volume = std::move(volume);
  return layer;
}

void Append(Document& document, RefPtr<Layer> layer) {
  document.layers.push_back(RefPtr<const Layer>::Adopt(layer.release()));
}

TEST(DocumentTest, LayersAreFoundById) {
  Document document;
  Append(document, NewLayer("a", Volume()));
  Append(document, NewLayer("b", Volume()));
  EXPECT_EQ(document.Find("b"), 1);
  EXPECT_EQ(document.Find("c"), -1);
  EXPECT_EQ(document.Find(""), -1);
}

TEST(DocumentTest, LinkedLayersFollowTheirOriginal) {
  Document document;
  Append(document, NewLayer("a", Volume()));
  RefPtr<Layer> linked = NewLayer("b", Volume());
  linked->linked_to = "a";
  linked->transform.offset = {100, 0, 0};
  Append(document, std::move(linked));
  const Document before = document;

  RefPtr<Layer> next = NewLayer("a", Cube({{0, 0, 0}, {2, 2, 2}}, kRed));
  document.ReplaceLayer(0, RefPtr<const Layer>::Adopt(next.release()));
  EXPECT_EQ(document.CountVoxels(), 16);
  EXPECT_EQ(document.layers[1]->id, "b");
  EXPECT_TRUE(document.layers[1]->volume.SharesRoot(document.layers[0]->volume));
  EXPECT_EQ(document.Bounds(), (Box{{0, 0, 0}, {102, 2, 2}}));
  EXPECT_EQ(before.CountVoxels(), 0) << "the old document is as it was";
}

TEST(DocumentTest, HashesTellLayersPlacesAndVisibilityApart) {
  Document a;
  Append(a, NewLayer("a", Cube({{0, 0, 0}, {2, 2, 2}}, kRed)));
  Document same;
  Append(same, NewLayer("a", Cube({{0, 0, 0}, {2, 2, 2}}, kRed)));
  same.title = "another";
  EXPECT_EQ(a.ContentHash(), same.ContentHash());
  const auto changed = [&](void (*change)(Layer&)) {
    Document other;
    RefPtr<Layer> layer = NewLayer("a", a.layers[0]->volume);
    change(*layer);
    Append(other, std::move(layer));
    return other.ContentHash() != a.ContentHash();
  };
  EXPECT_FALSE(changed([](Layer& l) { l.title = "t"; }));
  EXPECT_TRUE(changed([](Layer& l) { l.id = "b"; }));
  EXPECT_TRUE(changed([](Layer& l) { l.visible = false; }));
  EXPECT_TRUE(changed([](Layer& l) { l.transform.offset.y = 1; }));
  EXPECT_TRUE(changed([](Layer& l) { l.transform.rotation = Rotation::Mirror(Axis::kX); }));
  EXPECT_TRUE(changed([](Layer& l) { l.volume = Volume(); }));
}

TEST(DocumentTest, UnsharedBytesCountLinkedVolumesOnce) {
  Document before;
  Append(before, NewLayer("a", Cube({{1, 1, 1}, {90, 90, 90}}, kRed)));
  Document after = before;
  VolumeEditor editor(before.layers[0]->volume);
  editor.Set({50, 50, 50}, kBlue);
  const Volume edited = editor.Commit();
  RefPtr<Layer> next = NewLayer("a", edited);
  after.ReplaceLayer(0, RefPtr<const Layer>::Adopt(next.release()));
  const int64_t bytes = after.BytesNotIn(before);
  EXPECT_GT(bytes, 0);
  EXPECT_LT(bytes, edited.Bytes() / 4);
  Append(after, NewLayer("copy", edited));
  EXPECT_EQ(after.BytesNotIn(before), bytes);
  Append(after, NewLayer("old", before.layers[0]->volume));
  EXPECT_EQ(after.BytesNotIn(before), bytes);
  EXPECT_EQ(before.BytesNotIn(before), 0);
}

RefPtr<const Selection> Selected(std::string id, Volume ink, bool complement = false) {
  return RefPtr<const Selection>(
      MakeRef<Selection>(std::move(id), VoxelSet{std::move(ink), complement}));
}

TEST(DocumentTest, SelectionsAreKeptByIdAndReplaced) {
  Document document;
  const Volume small = Cube({{0, 0, 0}, {1, 1, 1}}, kInk);
  for (const char* id : {"m", "z", "a"}) document.PutSelection(Selected(id, small));
  const Document before = document;
  document.PutSelection(Selected("m", Cube({{0, 0, 0}, {2, 1, 1}}, kInk)));
  ASSERT_EQ(document.selections.size(), 3u);
  EXPECT_EQ(document.selections[0]->id, "a");
  EXPECT_EQ(document.selections[1]->voxels.ink.CountVoxels(), 2);
  EXPECT_EQ(document.FindSelection("z"), document.selections[2].get());
  EXPECT_EQ(document.FindSelection("n"), nullptr);
  EXPECT_FALSE(document.RemoveSelection("n"));
  EXPECT_TRUE(document.RemoveSelection("a"));
  EXPECT_EQ(document.FindSelection("a"), nullptr);
  EXPECT_EQ(before.selections.size(), 3u) << "the old document is as it was";
  EXPECT_EQ(before.FindSelection("m")->voxels.ink.CountVoxels(), 1);
}

TEST(DocumentTest, SelectionsTakeMemoryButAreNoVoxels) {
  Document before;
  Append(before, NewLayer("a", Cube({{1, 1, 1}, {90, 90, 90}}, kRed)));
  Document after = before;
  const Volume ink = Cube({{3, 3, 3}, {80, 80, 80}}, kInk);
  after.PutSelection(Selected("a", ink));
  EXPECT_EQ(after.ContentHash(), before.ContentHash());
  EXPECT_EQ(after.CountVoxels(), before.CountVoxels());
  EXPECT_EQ(after.Bounds(), before.Bounds());
  EXPECT_EQ(after.BytesNotIn(before), ink.BytesNotIn(Volume()));
  EXPECT_EQ(before.BytesNotIn(after), 0);
  Document edited = after;
  VolumeEditor editor(ink);
  editor.Set({50, 50, 50}, kAir);
  edited.PutSelection(Selected("a", editor.Commit()));
  EXPECT_GT(edited.BytesNotIn(after), 0);
  EXPECT_LT(edited.BytesNotIn(after), ink.Bytes() / 4);
}

TEST(VoxelSetTest, AComplementHasWhatItsVolumeLeavesOut) {
  const VoxelSet set{Cube({{0, 0, 0}, {2, 2, 2}}, kInk), false};
  const VoxelSet rest{set.ink, true};
  EXPECT_TRUE(set.Contains({1, 1, 1}));
  EXPECT_FALSE(rest.Contains({1, 1, 1}));
  EXPECT_TRUE(rest.Contains({kMinCoord, kMaxCoord - 1, 0}));
  EXPECT_FALSE(rest.Contains({kMinCoord, kMaxCoord, 0})) << "outside the world";
  EXPECT_FALSE(SameVoxels(set, rest));
  EXPECT_TRUE(SameVoxels(rest, VoxelSet{Cube({{0, 0, 0}, {2, 2, 2}}, kInk), true}));
  EXPECT_FALSE(SameVoxels(rest, VoxelSet{Cube({{0, 0, 0}, {2, 2, 1}}, kInk), true}));
}

TEST(CompositeTest, OneOpaqueLayerInPlaceIsShared) {
  Document document;
  Append(document, NewLayer("a", Cube({{0, 0, 0}, {70, 70, 70}}, kRed)));
  RefPtr<Layer> hidden = NewLayer("b", Cube({{0, 0, 0}, {99, 99, 99}}, kBlue));
  hidden->visible = false;
  Append(document, std::move(hidden));
  EXPECT_TRUE(Composite(document, TaskContext())->SharesRoot(document.layers[0]->volume));
}

TEST(CompositeTest, AgreesWithReadingVoxelByVoxel) {
  std::mt19937 random(5);
  const auto below = [&](uint32_t n) { return static_cast<int32_t>(random() % n); };
  for (int round = 0; round < 60; ++round) {
    Document document;
    const int layers = 1 + below(4);
    for (int i = 0; i < layers; ++i) {
      const Coord min{below(30) - 15, below(30) - 15, below(30) - 15};
      const Color color = Rgba(static_cast<uint32_t>(below(256)), 40, 7,
                               below(2) == 0 ? 255u : static_cast<uint32_t>(1 + below(255)));
      RefPtr<Layer> layer = NewLayer("l", Cube({min, min + Coord{20, 17, 25}}, color));
      layer->visible = below(5) != 0;
      layer->mode = static_cast<Mode>(1 + below(9));
      layer->opacity = static_cast<uint8_t>(below(2) == 0 ? 255 : below(256));
      layer->transform = {Rotation::Quarter(static_cast<Axis>(below(3)), below(4)),
                          {below(9), below(9) - 30, 16 * below(3)}};
      Append(document, std::move(layer));
    }
    const auto composite = Composite(document, TaskContext());
    ASSERT_TRUE(composite.ok());
    for (int i = 0; i < 3000; ++i) {
      const Coord c{below(120) - 60, below(120) - 70, below(130) - 60};
      ASSERT_EQ(composite->Get(c), CompositeAt(document, c)) << "round " << round;
    }
  }
}

TEST(CompositeTest, OpacityAndHiddenLayers) {
  Document document;
  Append(document, NewLayer("floor", Cube({{0, 0, 0}, {4, 4, 4}}, kRed)));
  RefPtr<Layer> glass = NewLayer("glass", Cube({{0, 0, 0}, {8, 8, 8}}, kBlue));
  glass->opacity = 128;
  Append(document, std::move(glass));
  EXPECT_EQ(CompositeAt(document, {1, 1, 1}), Blend(Mode::kOver, kRed, Rgba(0, 0, 255, 128)));
  EXPECT_EQ(CompositeAt(document, {6, 6, 6}), Rgba(0, 0, 255, 128));
  EXPECT_EQ(CompositeAt(document, {kMaxCoord, 0, 0}), kAir);
}

TEST(DocumentTest, SettingsAreComparedByValue) {
  const auto with_palette = [](Color color) {
    RefPtr<Palette> palette = MakeRef<Palette>();
    palette->entries.push_back({color, "stone", {}});
    return RefPtr<const Palette>::Adopt(palette.release());
  };
  const auto with_camera = [](const char* name) {
    RefPtr<Stage> stage = MakeRef<Stage>();
    stage->cameras.push_back({.name = name});
    return RefPtr<const Stage>::Adopt(stage.release());
  };
  Document a;
  a.palette = with_palette(kRed);
  a.stage = with_camera("door");
  Document b = a;
  b.palette = with_palette(kRed);
  b.stage = with_camera("door");
  EXPECT_TRUE(SameSettings(a, b));
  const auto differs = [&](auto change) {
    Document other = b;
    change(other);
    return !SameSettings(a, other) && !SameSettings(other, a);
  };
  EXPECT_TRUE(differs([&](Document& d) { d.palette = with_palette(kBlue); }));
  EXPECT_TRUE(differs([&](Document& d) { d.palette = nullptr; }));
  EXPECT_TRUE(differs([&](Document& d) { d.stage = with_camera("roof"); }));
  EXPECT_TRUE(differs([&](Document& d) { d.stage = nullptr; }));
  EXPECT_TRUE(differs([&](Document& d) { d.title = "t"; }));
  EXPECT_TRUE(differs([&](Document& d) { d.labels["a"] = "b"; }));
  EXPECT_TRUE(differs([&](Document& d) { d.merged["uid"] = 3; }));
  EXPECT_TRUE(differs([&](Document& d) { d.scene = MakeRef<SceneGraph>(); }));
}

TEST(StageTest, CamerasAreFoundByNameAndComparedWithTheLight) {
  Stage stage;
  EXPECT_TRUE(stage.empty());
  stage.cameras.push_back({.name = "door", .fov = 60});
  ASSERT_NE(stage.Find("door"), nullptr);
  EXPECT_EQ(stage.Find("door")->fov, 60);
  EXPECT_EQ(stage.Find("roof"), nullptr);
  Stage lit = stage;
  EXPECT_EQ(stage, lit);
  lit.light = SceneLight{.intensity = 2};
  EXPECT_FALSE(stage == lit);
  EXPECT_FALSE(lit.empty());
}

TEST(LayerTest, SettingsAreAllButIdAndVoxels) {
  const RefPtr<Layer> a = NewLayer("a", Cube({{0, 0, 0}, {2, 2, 2}}, kRed));
  EXPECT_TRUE(SameSettings(*a, *NewLayer("b", Volume())));
  const auto differs = [&](void (*change)(Layer&)) {
    RefPtr<Layer> other = MakeRef<Layer>(*a);
    change(*other);
    return !SameSettings(*a, *other);
  };
  EXPECT_TRUE(differs([](Layer& l) { l.title = "t"; }));
  EXPECT_TRUE(differs([](Layer& l) { l.group = "g"; }));
  EXPECT_TRUE(differs([](Layer& l) { l.visible = false; }));
  EXPECT_TRUE(differs([](Layer& l) { l.locked = true; }));
  EXPECT_TRUE(differs([](Layer& l) { l.opacity = 9; }));
  EXPECT_TRUE(differs([](Layer& l) { l.mode = Mode::kSub; }));
  EXPECT_TRUE(differs([](Layer& l) { l.material = "gold"; }));
  EXPECT_TRUE(differs([](Layer& l) { l.labels["a"] = "b"; }));
  EXPECT_TRUE(differs([](Layer& l) { l.transform.offset.x = 1; }));
  EXPECT_TRUE(differs([](Layer& l) { l.linked_to = "c"; }));
}

TEST(PaletteTest, EntriesAreFoundByName) {
  Palette palette;
  palette.entries.push_back({kRed, "", {}});
  palette.entries.push_back({kBlue, "sky", {}});
  ASSERT_NE(palette.Find("sky"), nullptr);
  EXPECT_EQ(palette.Find("sky")->color, kBlue);
  EXPECT_EQ(palette.Find(""), nullptr);
  EXPECT_EQ(palette.Find("sea"), nullptr);
}

}  // namespace
}  // namespace voxel
