// Merges of whole documents: layers, settings, palettes, stages.
#include "voxel/ops/merge_documents.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/colors.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/random_edits.h"
#include "voxel/base/error.h"
#include "voxel/base/hash.h"
#include "voxel/base/str_cat.h"

namespace voxel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using DocumentPtr = RefPtr<const Document>;

Volume Cube(Coord min, int32_t size, Color color) {
  return AppliedTo(Volume(), {EditOf(FillBox{{min, min + Coord{size, size, size}}, color, 0})});
}

template <typename Change>
RefPtr<const Layer> With(const RefPtr<const Layer>& layer, Change change) {
  auto copy = MakeRef<Layer>(*layer);
  change(*copy);
  return copy;
}
template <typename Change>
DocumentPtr Changed(const DocumentPtr& document, Change change) {
  auto copy = MakeRef<Document>(*document);
  change(*copy);
  return copy;
}
// The document with a layer's setting changed.
template <typename Change>
DocumentPtr ChangedLayer(const DocumentPtr& document, const char* id, Change change) {
  return Changed(document, [&](Document& d) {
    const int index = d.Find(id);
    d.ReplaceLayer(index, With(d.layers[index], change));
  });
}
DocumentPtr Without(const DocumentPtr& document, const char* id) {
  return Changed(document, [&](Document& d) { d.layers.erase(d.layers.begin() + d.Find(id)); });
}
template <typename Change>
DocumentPtr ChangedPalette(const DocumentPtr& document, Change change) {
  return Changed(document, [&](Document& d) {
    auto palette = d.palette ? MakeRef<Palette>(*d.palette) : MakeRef<Palette>();
    change(*palette);
    d.palette = std::move(palette);
  });
}
template <typename Change>
DocumentPtr ChangedStage(const DocumentPtr& document, Change change) {
  return Changed(document, [&](Document& d) {
    auto stage = d.stage ? MakeRef<Stage>(*d.stage) : MakeRef<Stage>();
    change(*stage);
    d.stage = std::move(stage);
  });
}

DocumentMerge Merge(const DocumentPtr& base, const DocumentPtr& ours, const DocumentPtr& theirs,
                    MergePolicy policy = MergePolicy::kFail) {
  auto merge = MergeDocuments(*base, ours, *theirs, policy, TaskContext());
  EXPECT_TRUE(merge.ok()) << merge.status();
  return merge.ok() ? *std::move(merge) : DocumentMerge{ours, 0, 0, 0, {}};
}

absl::Status Refused(const DocumentPtr& base, const DocumentPtr& ours, const DocumentPtr& theirs,
                     MergePolicy policy = MergePolicy::kFail) {
  return MergeDocuments(*base, ours, *theirs, policy, TaskContext()).status();
}

std::vector<std::string> Ids(const DocumentPtr& document) {
  std::vector<std::string> ids;
  for (const auto& layer : document->layers) ids.push_back(layer->id);
  return ids;
}
std::vector<std::string> What(const DocumentMerge& merge) {
  std::vector<std::string> what;
  for (const MergeConflict& conflict : merge.conflicts) {
    what.push_back(conflict.layer.empty() ? conflict.what : conflict.layer + ": " + conflict.what);
  }
  return what;
}

DocumentPtr Three() {
  return NewDocument({NewLayer("a", Cube({0, 0, 0}, 4, kRed)),
                      NewLayer("b", Cube({10, 0, 0}, 4, kRed)),
                      NewLayer("c", Cube({20, 0, 0}, 4, kRed))});
}

TEST(MergeDocumentsTest, AnUnchangedBranchChangesNothing) {
  const auto base = Three();
  const auto ours =
      Applied(base, {EditIn("a", FillBox{{{0, 0, 0}, {2, 2, 2}}, kBlue, 0})}).document;
  const DocumentMerge merge = Merge(base, ours, base);
  EXPECT_EQ(merge.document.get(), ours.get());
  EXPECT_EQ(merge.taken, 0);
  EXPECT_THAT(merge.conflicts, IsEmpty());
}

TEST(MergeDocumentsTest, AnUnchangedBaseBecomesTheBranch) {
  const auto base = Three();
  const auto theirs =
      Changed(Applied(base, {EditIn("a", FillBox{{{0, 0, 0}, {2, 2, 2}}, kBlue, 0})}).document,
              [](Document& d) {
                d.layers.erase(d.layers.begin() + 1);
                d.layers.push_back(NewLayer("new", Cube({0, 0, 9}, 3, kBlue)));
                std::swap(d.layers[0], d.layers[1]);
                d.title = "theirs";
              });
  const DocumentMerge merge = Merge(base, base, theirs);
  EXPECT_EQ(Ids(merge.document), Ids(theirs));
  EXPECT_EQ(merge.document->ContentHash(), theirs->ContentHash());
  EXPECT_TRUE(SameSettings(*merge.document, *theirs));
  EXPECT_EQ(merge.taken, 8 + 64 + 27);
  for (size_t i = 0; i < theirs->layers.size(); ++i) {
    EXPECT_EQ(merge.document->layers[i].get(), theirs->layers[i].get()) << "shared, not copied";
  }
}

TEST(MergeDocumentsTest, VoxelsInConflictAreCountedWithTheirPlace) {
  const auto base = ChangedLayer(Three(), "b", [](Layer& l) { l.transform.offset = {0, 0, 100}; });
  const auto ours =
      Applied(base, {EditIn("b", FillBox{{{10, 0, 100}, {12, 1, 101}}, kBlue, 0})}).document;
  const auto theirs =
      Applied(base, {EditIn("b", FillBox{{{11, 0, 100}, {14, 1, 101}}, 0x00FF00FF, 0})}).document;
  const absl::Status refused = Refused(base, ours, theirs);
  EXPECT_EQ(ReasonOf(refused), "MERGE_CONFLICT");
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("voxels of layer \"b\""));
  for (const MergePolicy policy : {MergePolicy::kOurs, MergePolicy::kTheirs}) {
    const DocumentMerge merge = Merge(base, ours, theirs, policy);
    EXPECT_EQ(merge.taken, 2);
    EXPECT_EQ(merge.conflicting_voxels, 1);
    ASSERT_THAT(What(merge), ElementsAre("b: voxels"));
    EXPECT_EQ(merge.conflicts[0].voxels, 1);
    EXPECT_EQ(merge.conflicts[0].bounds, BoxAt({11, 0, 100}));
    EXPECT_EQ(CompositeAt(*merge.document, {11, 0, 100}),
              policy == MergePolicy::kOurs ? kBlue : 0x00FF00FF);
    EXPECT_EQ(CompositeAt(*merge.document, {13, 0, 100}), 0x00FF00FFu);
  }
}

TEST(MergeDocumentsTest, SettingsAreMergedFieldByField) {
  const auto base = Three();
  const auto ours = ChangedLayer(base, "a", [](Layer& l) {
    l.title = "ours";
    l.opacity = 10;
    l.labels["by"] = "us";
    l.locked = true;
  });
  const auto theirs = ChangedLayer(base, "a", [](Layer& l) {
    l.visible = false;
    l.opacity = 20;
    l.mode = Mode::kSub;
    l.group = "g";
    l.material = "gold";
    l.labels["of"] = "them";
    l.transform.offset = {1, 2, 3};
    l.locked = true;
  });
  const DocumentMerge kept = Merge(base, ours, theirs, MergePolicy::kOurs);
  EXPECT_THAT(What(kept), ElementsAre("a: opacity"));
  const Layer& layer = *kept.document->layers[0];
  EXPECT_EQ(layer.title, "ours");
  EXPECT_EQ(layer.opacity, 10);
  EXPECT_FALSE(layer.visible);
  EXPECT_TRUE(layer.locked);
  EXPECT_EQ(layer.mode, Mode::kSub);
  EXPECT_EQ(layer.group, "g");
  EXPECT_EQ(layer.material, "gold");
  EXPECT_EQ(layer.labels, (std::map<std::string, std::string>{{"by", "us"}, {"of", "them"}}));
  EXPECT_EQ(layer.transform.offset, (Coord{1, 2, 3}));
  EXPECT_EQ(Merge(base, ours, theirs, MergePolicy::kTheirs).document->layers[0]->opacity, 20);
}

TEST(MergeDocumentsTest, LayersComeAndGoWithTheBranch) {
  const auto base = Three();
  const auto theirs = Changed(Without(base, "b"), [](Document& d) {
    d.layers.insert(d.layers.begin() + 1, NewLayer("their", Cube({0, 9, 0}, 2, kBlue)));
  });
  const auto ours = Changed(base, [](Document& d) {
    d.layers.insert(d.layers.begin(), NewLayer("floor"));
    d.layers.push_back(NewLayer("our"));
  });
  const DocumentMerge merge = Merge(base, ours, theirs);
  EXPECT_THAT(Ids(merge.document), ElementsAre("floor", "a", "their", "c", "our"));
  EXPECT_EQ(merge.taken, 64 + 8);
}

TEST(MergeDocumentsTest, RemovedHereChangedThereIsAConflict) {
  const auto base = Three();
  const auto edited =
      Applied(base, {EditIn("b", FillBox{{{10, 0, 0}, {11, 1, 3}}, kBlue, 0})}).document;
  const auto removed = Without(base, "b");
  EXPECT_EQ(ReasonOf(Refused(base, edited, removed)), "MERGE_CONFLICT");
  EXPECT_EQ(ReasonOf(Refused(base, removed, edited)), "MERGE_CONFLICT");
  const DocumentMerge kept = Merge(base, edited, removed, MergePolicy::kOurs);
  EXPECT_EQ(kept.document.get(), edited.get());
  ASSERT_THAT(What(kept), ElementsAre("b: layer"));
  EXPECT_EQ(kept.conflicts[0].voxels, 3);
  EXPECT_EQ(kept.conflicts[0].bounds, (Box{{10, 0, 0}, {11, 1, 3}}));
  EXPECT_THAT(Ids(Merge(base, edited, removed, MergePolicy::kTheirs).document),
              ElementsAre("a", "c"));
  EXPECT_EQ(Merge(base, removed, edited, MergePolicy::kOurs).document.get(), removed.get());
  EXPECT_THAT(Ids(Merge(base, removed, edited, MergePolicy::kTheirs).document),
              ElementsAre("a", "b", "c"));
  EXPECT_EQ(Merge(base, removed, removed).document.get(), removed.get());
}

TEST(MergeDocumentsTest, TheOrderIsTheOneWhoChangedIt) {
  const auto base = Three();
  const auto turned =
      Changed(base, [](Document& d) { std::reverse(d.layers.begin(), d.layers.end()); });
  const auto swapped = Changed(base, [](Document& d) { std::swap(d.layers[0], d.layers[1]); });
  const auto added = Changed(base, [](Document& d) { d.layers.push_back(NewLayer("d")); });
  EXPECT_THAT(Ids(Merge(base, added, turned).document), ElementsAre("c", "d", "b", "a"));
  EXPECT_THAT(Ids(Merge(base, turned, added).document), ElementsAre("c", "d", "b", "a"));
  EXPECT_EQ(Merge(base, turned, turned).document.get(), turned.get());
  EXPECT_EQ(ReasonOf(Refused(base, turned, swapped)), "MERGE_CONFLICT");
  const DocumentMerge kept = Merge(base, turned, swapped, MergePolicy::kOurs);
  EXPECT_THAT(What(kept), ElementsAre("order"));
  EXPECT_EQ(kept.document.get(), turned.get());
  EXPECT_THAT(Ids(Merge(base, turned, swapped, MergePolicy::kTheirs).document),
              ElementsAre("b", "a", "c"));
}

TEST(MergeDocumentsTest, LinkedLayersFollowTheMergedOriginal) {
  const auto linked = [](const DocumentPtr& document, const char* id, const char* to) {
    return Changed(document, [&](Document& d) {
      auto layer = MakeRef<Layer>(*d.layers[d.Find(to)]);
      layer->id = id;
      layer->linked_to = to;
      d.layers.push_back(std::move(layer));
    });
  };
  const auto base = linked(Three(), "link", "a");
  const auto ours =
      Applied(base, {EditIn("a", FillBox{{{0, 0, 0}, {1, 1, 1}}, kBlue, 0})}).document;
  const auto theirs =
      Applied(base, {EditIn("a", FillBox{{{3, 3, 3}, {4, 4, 4}}, kBlue, 0})}).document;
  const DocumentMerge merge = Merge(base, ours, theirs);
  EXPECT_EQ(merge.taken, 1) << "the link has no voxels of its own";
  EXPECT_TRUE(merge.document->layers[3]->volume.SharesRoot(merge.document->layers[0]->volume));
  EXPECT_EQ(merge.document->layers[3]->volume.Get({0, 0, 0}), kBlue);
  EXPECT_EQ(merge.document->layers[3]->volume.Get({3, 3, 3}), kBlue);

  // One side removes what the other links to: the link keeps what it showed.
  const DocumentMerge orphan =
      Merge(Three(), Without(Three(), "a"), linked(Three(), "new", "a"), MergePolicy::kOurs);
  EXPECT_THAT(What(orphan), ElementsAre("new: linked_to"));
  EXPECT_THAT(Ids(orphan.document), ElementsAre("b", "c", "new"));
  EXPECT_EQ(orphan.document->layers[2]->linked_to, "");
  EXPECT_EQ(orphan.document->layers[2]->volume.CountVoxels(), 64);

  // Both replaced a layer by a link to the other's: neither can follow.
  const DocumentMerge round = Merge(Three(), linked(Without(Three(), "b"), "b", "a"),
                                    linked(Without(Three(), "a"), "a", "b"), MergePolicy::kOurs);
  int links = 0;
  for (const auto& layer : round.document->layers) {
    if (layer->linked_to.empty()) continue;
    ++links;
    const int original = round.document->Find(layer->linked_to);
    ASSERT_GE(original, 0);
    EXPECT_EQ(round.document->layers[original]->linked_to, "");
  }
  EXPECT_EQ(links, 1);
}

TEST(MergeDocumentsTest, LockedLayersRefuse) {
  const auto base = Three();
  const auto locked = ChangedLayer(base, "b", [](Layer& l) { l.locked = true; });
  const auto edited =
      Applied(base, {EditIn("b", FillBox{{{10, 0, 0}, {11, 1, 1}}, kBlue, 0})}).document;
  EXPECT_EQ(ReasonOf(Refused(base, locked, edited, MergePolicy::kTheirs)), "LAYER_LOCKED");
  EXPECT_EQ(ReasonOf(Refused(base, locked, Without(base, "b"), MergePolicy::kTheirs)),
            "LAYER_LOCKED");
  const auto retitled = ChangedLayer(base, "b", [](Layer& l) { l.title = "t"; });
  EXPECT_EQ(Merge(base, locked, retitled).document->layers[1]->title, "t");
  EXPECT_TRUE(Merge(base, edited, locked).document->layers[1]->locked)
      << "the branch's lock comes over";
}

TEST(MergeDocumentsTest, OneLayerIsLeft) {
  const auto base = NewDocument({NewLayer("a"), NewLayer("b")});
  EXPECT_EQ(ReasonOf(Refused(base, Without(base, "a"), Without(base, "b"))), "LAST_LAYER");
}

TEST(MergeDocumentsTest, TitleAndLabels) {
  const auto base = Changed(Three(), [](Document& d) {
    d.labels = {{"keep", "1"}, {"drop", "1"}};
  });
  const auto ours = Changed(base, [](Document& d) {
    d.title = "ours";
    d.labels.erase("drop");
    d.labels["x"] = "1";
  });
  const auto theirs = Changed(base, [](Document& d) {
    d.labels["keep"] = "2";
    d.labels["x"] = "2";
  });
  const DocumentMerge merge = Merge(base, ours, theirs, MergePolicy::kTheirs);
  EXPECT_THAT(What(merge), ElementsAre("label x"));
  EXPECT_EQ(merge.document->title, "ours");
  EXPECT_EQ(merge.document->labels,
            (std::map<std::string, std::string>{{"keep", "2"}, {"x", "2"}}));
}

TEST(MergeDocumentsTest, SelectionsAreMergedOneByOne) {
  const auto put = [](const char* id, Coord min) {
    return [id, min](Document& d) {
      d.PutSelection(MakeRef<Selection>(id, VoxelSet{Cube(min, 4, kInk), false}));
    };
  };
  const auto base = Changed(Changed(Three(), put("roof", {0, 0, 0})), put("wall", {0, 0, 0}));
  const auto ours = Changed(base, put("door", {9, 0, 0}));
  const auto theirs = Changed(Changed(base, put("roof", {5, 0, 0})),
                              [](Document& d) { d.RemoveSelection("wall"); });
  const DocumentMerge merge = Merge(base, ours, theirs);
  EXPECT_THAT(What(merge), IsEmpty());
  ASSERT_EQ(merge.document->selections.size(), 2U);
  EXPECT_TRUE(merge.document->FindSelection("door")->voxels.Contains({9, 0, 0}));
  EXPECT_TRUE(merge.document->FindSelection("roof")->voxels.Contains({8, 0, 0}));
  EXPECT_FALSE(merge.document->FindSelection("roof")->voxels.Contains({0, 0, 0}));

  const auto also_ours = Changed(ours, put("roof", {0, 5, 0}));
  const DocumentMerge both = Merge(base, also_ours, theirs, MergePolicy::kOurs);
  EXPECT_THAT(What(both), ElementsAre("selection roof"));
  EXPECT_TRUE(both.document->FindSelection("roof")->voxels.Contains({0, 5, 0}));
  // The same voxels made anew are no change.
  const DocumentMerge same = Merge(base, ours, Changed(base, put("roof", {0, 0, 0})));
  EXPECT_EQ(same.document, ours);
}

TEST(MergeDocumentsTest, PalettesAreMergedEntryByEntry) {
  const auto base = ChangedPalette(Three(), [](Palette& p) {
    p.entries = {{kRed, "red", {}}, {kBlue, "blue", {}}, {0x010101FF, "", {}}};
  });
  const auto ours = ChangedPalette(base, [](Palette& p) {
    p.entries[0].color = 0xCC0000FF;
    p.entries[2].name = "stone";
    p.materials["gold"].SetKind(MaterialKind::kMetal);
  });
  const auto theirs = ChangedPalette(base, [](Palette& p) {
    p.entries[1].name = "sky";
    p.entries.push_back({0x020202FF, "coal", {}});
    p.materials["ice"].SetKind(MaterialKind::kGlass);
  });
  const DocumentMerge merge = Merge(base, ours, theirs);
  const Palette& palette = *merge.document->palette;
  ASSERT_EQ(palette.entries.size(), 4u);
  EXPECT_EQ(palette.entries[0].color, 0xCC0000FFu);
  EXPECT_EQ(palette.entries[1].name, "sky");
  EXPECT_EQ(palette.entries[2].name, "stone");
  EXPECT_EQ(palette.entries[3].name, "coal");
  EXPECT_EQ(palette.materials.size(), 2u);

  // One name for two colours.
  const auto also = ChangedPalette(base, [](Palette& p) { p.entries.push_back({1, "stone", {}}); });
  const DocumentMerge twice = Merge(base, ours, also, MergePolicy::kOurs);
  EXPECT_THAT(What(twice), ElementsAre("palette[3]"));
  EXPECT_EQ(twice.document->palette->entries[2].name, "stone");
  EXPECT_EQ(twice.document->palette->entries[3].name, "");
  const DocumentMerge given = Merge(base, ours, also, MergePolicy::kTheirs);
  EXPECT_EQ(given.document->palette->entries[2].name, "");
  EXPECT_EQ(given.document->palette->entries[3].name, "stone");
}

TEST(MergeDocumentsTest, CamerasAndLight) {
  const auto base = ChangedStage(Three(), [](Stage& s) {
    s.cameras = {{.name = "a"}, {.name = "b"}};
  });
  const auto ours = ChangedStage(base, [](Stage& s) {
    s.cameras[0].fov = 60;
    s.cameras.push_back({.name = "ours"});
  });
  const auto theirs = ChangedStage(base, [](Stage& s) {
    s.cameras.erase(s.cameras.begin() + 1);
    s.cameras[0].fov = 70;
    s.cameras.push_back({.name = "theirs"});
    s.light.emplace();
  });
  const DocumentMerge merge = Merge(base, ours, theirs, MergePolicy::kOurs);
  EXPECT_THAT(What(merge), ElementsAre("camera a"));
  const Stage& stage = *merge.document->stage;
  ASSERT_EQ(stage.cameras.size(), 3u);
  EXPECT_EQ(stage.cameras[0].fov, 60);
  EXPECT_EQ(stage.cameras[1].name, "ours");
  EXPECT_EQ(stage.cameras[2].name, "theirs");
  EXPECT_TRUE(stage.light.has_value());
}

TEST(MergeDocumentsTest, TheNewerRecordOfAMergeStays) {
  const auto base = Three();
  const auto ours = Changed(base, [](Document& d) { d.merged = {{"x", 3}, {"y", 9}}; });
  const auto theirs = Changed(base, [](Document& d) {
    d.merged = {{"x", 5}, {"y", 2}, {"z", 1}};
    d.title = "t";
  });
  EXPECT_EQ(Merge(base, ours, theirs).document->merged,
            (std::map<std::string, int64_t>{{"x", 5}, {"y", 9}, {"z", 1}}));
  const auto only = Changed(base, [](Document& d) { d.merged = {{"x", 5}}; });
  EXPECT_EQ(Merge(base, ours, only).document.get(), ours.get()) << "no change of its own";
}

// ---- laws, over random documents

class RandomDocuments {
 public:
  explicit RandomDocuments(uint64_t seed) : random_(seed, RandomEdits::AnyArena(seed)) {}

  DocumentPtr First() {
    return Next(NewDocument({NewLayer("a"), NewLayer("b"), NewLayer("c")}), 6);
  }
  DocumentPtr Next(DocumentPtr document, int steps) {
    for (int i = 0; i < steps; ++i) document = Step(document);
    return document;
  }

 private:
  DocumentPtr Step(const DocumentPtr& document) {
    const auto pick = static_cast<size_t>(random_.Below(static_cast<int>(document->layers.size())));
    const std::string id = document->layers[pick]->id;
    const int value = random_.Below(3);
    switch (random_.Below(8)) {
      case 0:
        return AddLayer(*document);
      case 1:
        return Removed(*document, pick);
      case 2:
        return Changed(document, [&](Document& d) { std::swap(d.layers[0], d.layers[pick]); });
      case 3:
        return ChangedLayer(document, id.c_str(), [&](Layer& l) {
          l.opacity = static_cast<uint8_t>(value);
          if (value == 1) l.transform.offset = {value, 0, 0};
        });
      case 4:
        return ChangedPalette(document, [&](Palette& p) {
          p.entries.resize(std::max<size_t>(p.entries.size(), 1 + pick));
          p.entries[pick].color = static_cast<Color>(value);
        });
      default:
        return Edited(document, id);
    }
  }

  DocumentPtr Edited(const DocumentPtr& document, const std::string& id) {
    if (!document->layers[document->Find(id)]->linked_to.empty()) return document;
    Edit edit = random_.Next();
    edit.layer = id;
    auto applied = ApplyEdits(document, {&edit, 1}, TaskContext());
    return applied.ok() ? applied->document : document;  // some leave the world once moved
  }

  DocumentPtr AddLayer(const Document& document) {
    std::string id(1, static_cast<char>('a' + random_.Below(6)));
    if (document.Find(id) >= 0) return RefPtr<const Document>::Share(&document);
    auto copy = MakeRef<Document>(document);
    auto layer = MakeRef<Layer>();
    layer->id = id;
    const RefPtr<const Layer>& other = document.layers[0];
    if (random_.OneIn(2) && other->linked_to.empty()) {
      layer->linked_to = other->id;
      layer->volume = other->volume;
    }
    copy->layers.push_back(std::move(layer));
    return copy;
  }

  static DocumentPtr Removed(const Document& document, size_t index) {
    const std::string& id = document.layers[index]->id;
    const bool needed = std::any_of(document.layers.begin(), document.layers.end(),
                                    [&](const auto& l) { return l->linked_to == id; });
    auto copy = MakeRef<Document>(document);
    if (!needed && document.layers.size() > 1) {
      copy->layers.erase(copy->layers.begin() + static_cast<std::ptrdiff_t>(index));
    }
    return copy;
  }

  RandomEdits random_;
};

// What a document holds, but for the order of its layers.
std::map<std::string, std::string> Contents(const Document& document) {
  std::map<std::string, std::string> contents;
  for (const auto& layer : document.layers) {
    contents[layer->id] = StrCat(layer->opacity, " ", layer->transform.offset.x, " ",
                                 layer->linked_to, " ", layer->volume.ContentHash());
  }
  return contents;
}

void ExpectSound(const Document& document) {
  EXPECT_FALSE(document.layers.empty());
  std::map<std::string, int> ids;
  for (const auto& layer : document.layers) {
    EXPECT_EQ(++ids[layer->id], 1) << layer->id;
    if (layer->linked_to.empty()) continue;
    const int original = document.Find(layer->linked_to);
    ASSERT_GE(original, 0) << layer->id;
    EXPECT_EQ(document.layers[original]->linked_to, "");
    EXPECT_TRUE(document.layers[original]->volume.SharesRoot(layer->volume));
  }
}

TEST(MergeDocumentsTest, LawsHoldForRandomDocuments) {
  int merged = 0;
  int conflicting = 0;
  for (uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    RandomDocuments random(seed);
    const DocumentPtr base = random.First();
    const DocumentPtr ours = random.Next(base, 5);
    const DocumentPtr theirs = random.Next(base, 5);
    const auto mine = MergeDocuments(*base, ours, *theirs, MergePolicy::kOurs, TaskContext());
    const auto other = MergeDocuments(*base, theirs, *ours, MergePolicy::kTheirs, TaskContext());
    ASSERT_EQ(mine.ok(), other.ok());
    if (!mine.ok()) {
      EXPECT_EQ(ReasonOf(mine.status()), "LAST_LAYER");
      continue;
    }
    ++merged;
    conflicting += mine->conflicts.empty() ? 0 : 1;
    ExpectSound(*mine->document);
    EXPECT_EQ(Contents(*mine->document), Contents(*other->document))
        << "ours is the other's theirs";
    EXPECT_EQ(mine->conflicting_voxels, other->conflicting_voxels);
    EXPECT_EQ(mine->conflicts.size(), other->conflicts.size());
    // What was merged once is not merged again.
    const DocumentMerge again = Merge(base, mine->document, theirs, MergePolicy::kOurs);
    EXPECT_EQ(Contents(*again.document), Contents(*mine->document));
    // A side that did nothing.
    EXPECT_EQ(Merge(base, ours, base).document.get(), ours.get());
    EXPECT_EQ(Contents(*Merge(base, base, theirs).document), Contents(*theirs));
    // kFail refuses just what has conflicts, and else does the same.
    const auto strict = MergeDocuments(*base, ours, *theirs, MergePolicy::kFail, TaskContext());
    EXPECT_EQ(strict.ok(), mine->conflicts.empty());
    if (strict.ok()) {
      EXPECT_EQ(strict->document->ContentHash(), mine->document->ContentHash());
      EXPECT_EQ(Contents(*strict->document),
                Contents(*Merge(base, ours, theirs, MergePolicy::kTheirs).document));
    }
  }
  EXPECT_GT(merged, 100);
  EXPECT_GT(conflicting, 20);
  EXPECT_LT(conflicting, merged);
}

// A document after boxes and voxels of a few colours, by numbers that no other test shares.
DocumentPtr Scribbled(DocumentPtr document, uint32_t& state, int steps) {
  const auto next = [&state](uint32_t n) {
    state = state * 1664525 + 1013904223;
    return static_cast<int32_t>((state >> 8) % n);
  };
  for (int i = 0; i < steps; ++i) {
    const Coord min{next(60) - 30, next(60) - 30, next(60) - 30};
    const Color color = static_cast<Color>(next(5)) * 0x33221100u + 0x010203FF;
    const std::string id(1, static_cast<char>('a' + next(3)));
    const Coord size{1 + next(40), 1 + next(20), 1 + next(20)};
    document = Applied(document, {EditIn(id, FillBox{{min, min + size}, color, 0}),
                                  EditIn(id, SetVoxels{{min}, {kBlue}})})
                   .document;
  }
  return document;
}

// Same merges, same voxels, on every machine: a change here is a change of what merges mean.
TEST(MergeDocumentsTest, PinnedResults) {
  uint64_t hash = kHashSeed;
  int64_t conflicts = 0;
  for (uint32_t seed = 0; seed < 64; ++seed) {
    uint32_t state = seed;
    const DocumentPtr base = Scribbled(Three(), state, 6);
    const DocumentPtr ours = Scribbled(base, state, 4);
    const DocumentPtr theirs = Scribbled(base, state, 4);
    for (const MergePolicy policy : {MergePolicy::kOurs, MergePolicy::kTheirs}) {
      const DocumentMerge merge = Merge(base, ours, theirs, policy);
      hash = HashMix(hash, merge.document->ContentHash());
      conflicts += merge.conflicting_voxels;
    }
  }
  EXPECT_EQ(hash, 14897703830832228152u);
  EXPECT_EQ(conflicts, 6820);
}

}  // namespace
}  // namespace voxel
