#include "daemon/codec/document_delta.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "daemon/codec/frame.h"
#include "gtest/gtest.h"
#include "voxel/grid/diff.h"
#include "voxel/ops/apply.h"

namespace voxeld {
namespace {

using voxel::Box;
using voxel::Color;
using voxel::Coord;
using voxel::Document;
using voxel::Layer;
using voxel::MakeRef;
using voxel::RefPtr;
using DocumentPtr = RefPtr<const Document>;
using Frames = std::vector<std::string>;

constexpr int kLevel = 3;

RefPtr<const Layer> NewLayer(const std::string& id, voxel::Volume volume = {}) {
  auto layer = MakeRef<Layer>();
  layer->id = id;
  layer->volume = std::move(volume);
  return RefPtr<const Layer>(std::move(layer));
}

DocumentPtr Blank() {
  auto document = MakeRef<Document>();
  document->layers.push_back(NewLayer("main"));
  return DocumentPtr(std::move(document));
}

DocumentPtr Edited(const DocumentPtr& base, voxel::EditOp op) {
  voxel::Edit edit;
  edit.op = std::move(op);
  auto result = voxel::ApplyEdits(base, {&edit, 1}, {});
  EXPECT_TRUE(result.ok()) << result.status();
  return result->document;
}

Frames Write(const Document& before, const Document& after, std::string_view own = "own",
             const KnownChange* known = nullptr) {
  Frames frames;
  WriteDelta(before, after, own, kLevel, known, [&](std::string frame) {
    frames.push_back(frame);
    return true;
  });
  return frames;
}

size_t BytesOf(const Frames& frames) {
  size_t bytes = 0;
  for (const std::string& frame : frames) bytes += frame.size();
  return bytes;
}

void ExpectSame(const Document& want, const Document& got) {
  EXPECT_EQ(got.ContentHash(), want.ContentHash());
  EXPECT_EQ(got.title, want.title);
  EXPECT_EQ(got.labels, want.labels);
  EXPECT_EQ(got.merged, want.merged);
  ASSERT_EQ(static_cast<bool>(got.palette), static_cast<bool>(want.palette));
  if (want.palette) {
    EXPECT_EQ(*got.palette, *want.palette);
  }
  ASSERT_EQ(static_cast<bool>(got.stage), static_cast<bool>(want.stage));
  if (want.stage) {
    EXPECT_EQ(*got.stage, *want.stage);
  }
  // Whatever it does not say: nothing is left to write.
  const Frames rest = Write(want, got, "");
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(OpenFrame(rest[0])->size(), 5u);  // lengths, format, no parts, the end
}

DocumentPtr Read(const DocumentPtr& base, const Frames& frames) {
  DeltaReader reader(base, {});
  for (const std::string& frame : frames) {
    const absl::Status status = reader.Add(frame);
    EXPECT_TRUE(status.ok()) << status;
  }
  std::string own;
  EXPECT_TRUE(reader.End(own).ok());
  EXPECT_EQ(own, "own");
  return reader.Take();
}

void ExpectKept(const DocumentPtr& before, const DocumentPtr& after) {
  ExpectSame(*after, *Read(before, Write(*before, *after)));
  ExpectSame(*after, *Read(MakeRef<Document>(), Write(Document(), *after)));
}

TEST(DocumentDeltaTest, OneVoxelTakesSomeDozenBytes) {
  const DocumentPtr before = Edited(Blank(), voxel::FillBox{{{0, 0, 0}, {40, 40, 40}}, 0xFF});
  const DocumentPtr after = Edited(before, voxel::SetVoxels{{{5, 6, 7}}, {0x112233FF}});
  ExpectKept(before, after);
  EXPECT_LE(BytesOf(Write(*before, *after)), 48u);
}

TEST(DocumentDeltaTest, AHugeBoxTakesItsSurfaceCompressed) {
  const DocumentPtr before = Blank();
  const DocumentPtr after =
      Edited(before, voxel::FillBox{{{-501, 3, 7}, {499, 1003, 1007}}, 0x336699FF});
  ExpectKept(before, after);
  EXPECT_LE(BytesOf(Write(*before, *after)), size_t{200} << 10);
  ExpectKept(after, before);
  EXPECT_LE(BytesOf(Write(*after, *before)), size_t{200} << 10);
}

TEST(DocumentDeltaTest, EachWidthOfBrickComesBack) {
  std::mt19937 random(7);
  for (const uint32_t colors : {1u, 2u, 16u, 17u, 256u, 257u, 4000u}) {
    voxel::SetVoxels voxels;
    for (int i = 0; i < 4096; ++i) {
      if (random() % 4 == 0) continue;
      voxels.positions.push_back({i & 15, i >> 4 & 15, -(i >> 8)});
      voxels.colors.push_back(
          static_cast<Color>((1 + random() % colors) << 8 | (1 + random() % 255)));
      if (colors < 300) voxels.colors.back() |= 0xFF;
    }
    ExpectKept(Blank(), Edited(Blank(), std::move(voxels)));
  }
}

TEST(DocumentDeltaTest, RandomEditsComeBackOneByOneAndAllAtOnce) {
  std::mt19937 random(3);
  const auto coord = [&] {
    const auto axis = [&] { return static_cast<int32_t>(random() % 200) - 100; };
    return Coord{axis(), axis(), axis()};
  };
  DocumentPtr now = Blank();
  DocumentPtr read = now;
  DeltaReader batch(now, {});
  for (int i = 0; i < 200; ++i) {
    const Coord min = coord();
    const auto size = static_cast<int32_t>(1 + random() % 40);
    const Box box{min, min + Coord{size, size, size}};
    const Color color = random() % 4 == 0 ? voxel::kAir : static_cast<Color>(random() | 0xFF);
    const DocumentPtr next =
        random() % 2 == 0 ? Edited(now, voxel::SetVoxels{{min, coord()}, {color, 0xABCDEFFF}})
                          : Edited(now, voxel::FillBox{box, color});
    const Frames frames = Write(*now, *next);
    const voxel::VolumeDiff diff = voxel::Diff(now->layers[0]->volume, next->layers[0]->volume);
    const KnownChange known{diff.bounds, diff.total()};
    ASSERT_EQ(Write(*now, *next, "own", &known), frames) << i;
    read = Read(read, frames);
    ASSERT_EQ(read->ContentHash(), next->ContentHash()) << i;
    std::string own;
    for (const std::string& frame : frames) ASSERT_TRUE(batch.Add(frame).ok());
    ASSERT_TRUE(batch.End(own).ok());
    if (i % 37 == 0) {
      ASSERT_EQ(batch.Take()->ContentHash(), next->ContentHash()) << i;
    }
    now = next;
  }
  ExpectSame(*now, *batch.Take());
}

// Before and after: some voxels around the corner of eight regions, in a layer that is elsewhere in
// the world.
std::pair<DocumentPtr, DocumentPtr> AroundACorner() {
  const auto moved = [](const DocumentPtr& document) {
    auto layer = MakeRef<Layer>(*document->layers[0]);
    layer->transform = {voxel::Rotation::Quarter(voxel::Axis::kY, 1), {100, -200, 5}};
    auto whole = MakeRef<Document>(*document);
    whole->layers[0] = RefPtr<const Layer>(std::move(layer));
    return DocumentPtr(std::move(whole));
  };
  const DocumentPtr before = Edited(Blank(), voxel::FillBox{{{-9, -9, -9}, {20, 3, 3}}, 0x77FF});
  const DocumentPtr after =
      Edited(before, voxel::SetVoxels{{{-2, -2, -2}, {1, 1, 1}, {1, 1, 4}, {-1, 2, 3}},
                                      {0x11FF, voxel::kAir, 0x22FF, 0x33FF}});
  return {moved(before), moved(after)};
}

TEST(DocumentDeltaTest, KnownChangeIsFoundInItsBox) {
  const auto [before, after] = AroundACorner();
  const Layer& layer = *after->layers[0];
  const voxel::VolumeDiff diff = voxel::Diff(before->layers[0]->volume, layer.volume);
  const KnownChange known{layer.transform.Apply(diff.bounds), diff.total()};
  const Frames frames = Write(*before, *after, "own", &known);
  EXPECT_EQ(frames, Write(*before, *after));
  ExpectSame(*after, *Read(before, frames));
}

TEST(DocumentDeltaTest, OutsideTheBoxOfAKnownChangeNothingIsLookedAt) {
  const DocumentPtr after =
      Edited(Blank(), voxel::SetVoxels{{{1, 2, 3}, {4, 5, 6}}, {0x11FF, 0x22FF}});
  const KnownChange less{voxel::BoxAt({1, 2, 3}), 1};  // which nobody may say
  const DocumentPtr read = Read(Blank(), Write(*Blank(), *after, "own", &less));
  EXPECT_EQ(read->layers[0]->volume.CountVoxels(), 1);
}

TEST(DocumentDeltaTest, BoxThatIsWronglyKnownLosesNothing) {
  const auto [before, after] = AroundACorner();
  const Frames frames = Write(*before, *after);
  const Layer& layer = *after->layers[0];
  const voxel::VolumeDiff diff = voxel::Diff(before->layers[0]->volume, layer.volume);
  ASSERT_EQ(diff.total(), 4);
  const Box bounds = layer.transform.Apply(diff.bounds);
  for (int axis = 0; axis < 3; ++axis) {
    KnownChange narrow{bounds, diff.total()};
    narrow.bounds.max[axis] -= 1;
    EXPECT_EQ(Write(*before, *after, "own", &narrow), frames) << axis;
  }
  for (const int64_t voxels : {5, 1'000'000}) {
    const KnownChange more{bounds, voxels};
    EXPECT_EQ(Write(*before, *after, "own", &more), frames) << voxels;
  }
  for (const int64_t voxels : {0, 4}) {
    const KnownChange nowhere{{}, voxels};
    EXPECT_EQ(Write(*before, *after, "own", &nowhere), frames) << voxels;
    const KnownChange unmoved{diff.bounds, voxels};
    EXPECT_EQ(Write(*before, *after, "own", &unmoved), frames) << voxels;
  }
}

TEST(DocumentDeltaTest, KnownChangeOfALayerThatMovedAsWell) {
  constexpr int32_t kEnd = voxel::kMaxCoord - 1;
  const auto at = [](const DocumentPtr& document, Coord offset) {
    auto layer = MakeRef<Layer>(*document->layers[0]);
    layer->transform.offset = offset;
    auto whole = MakeRef<Document>(*document);
    whole->layers[0] = RefPtr<const Layer>(std::move(layer));
    return DocumentPtr(std::move(whole));
  };
  const DocumentPtr empty = at(Blank(), {voxel::kMinCoord, 0, 0});
  const DocumentPtr full =
      at(Edited(Blank(), voxel::SetVoxels{{{0, 0, 0}}, {0x11FF}}), {kEnd, 0, 0});
  const KnownChange known{voxel::BoxAt({kEnd, 0, 0}), 1};
  EXPECT_EQ(Write(*full, *empty, "own", &known), Write(*full, *empty));
  EXPECT_EQ(Write(*empty, *full, "own", &known), Write(*empty, *full));
}

// One cell of each kind becomes one of each other kind, at both ends of the world.
TEST(DocumentDeltaTest, KnownChangeOfWholeCells) {
  constexpr int32_t kLow = voxel::kMinCoord;
  constexpr int32_t kHigh = voxel::kMaxCoord - 16;
  for (const int32_t corner : {kLow, -16, 0, kHigh}) {
    const Coord min{corner, corner, corner};
    const Box cube{min, min + Coord{16, 16, 16}};
    const DocumentPtr kinds[] = {
        Blank(), Edited(Blank(), voxel::FillBox{cube, 0x11FF}),
        Edited(Blank(), voxel::FillBox{cube, 0x22FF}),
        Edited(Blank(), voxel::SetVoxels{{min, min + Coord{15, 15, 15}}, {0x33FF, 0x44FF}})};
    for (const DocumentPtr& before : kinds) {
      for (const DocumentPtr& after : kinds) {
        const voxel::VolumeDiff diff =
            voxel::Diff(before->layers[0]->volume, after->layers[0]->volume);
        const KnownChange known{diff.bounds, diff.total()};
        EXPECT_EQ(Write(*before, *after, "own", &known), Write(*before, *after)) << corner;
      }
    }
  }
}

TEST(DocumentDeltaTest, KnownChangeOfOneLayerIsNotThatOfAnother) {
  const auto two = [](const DocumentPtr& first, const DocumentPtr& second) {
    auto document = MakeRef<Document>();
    document->layers.push_back(NewLayer("first", first->layers[0]->volume));
    document->layers.push_back(NewLayer("second", second->layers[0]->volume));
    return DocumentPtr(std::move(document));
  };
  const DocumentPtr one = Edited(Blank(), voxel::SetVoxels{{{1, 2, 3}}, {0x11FF}});
  const DocumentPtr other = Edited(Blank(), voxel::SetVoxels{{{40, 2, 3}}, {0x22FF}});
  const DocumentPtr before = two(Blank(), Blank());
  const DocumentPtr after = two(one, other);
  for (const Coord at : {Coord{1, 2, 3}, Coord{40, 2, 3}}) {
    const KnownChange known{voxel::BoxAt(at), 1};
    EXPECT_EQ(Write(*before, *after, "own", &known), Write(*before, *after));
  }
}

// A document in which every member has a value of its own.
DocumentPtr Full() {
  auto document = MakeRef<Document>();
  document->title = "Title \xC3\xBC";
  document->labels = {{"a", "1"}, {"b", ""}};
  auto palette = MakeRef<voxel::Palette>();
  palette->entries = {{0x11223300, "clear", {}},
                      {0xFF, "", {{{"_type", "_metal"}, {"_r", "0.1"}}}}};
  palette->materials["gold"].properties = {{"_metal", "1"}};
  document->palette = RefPtr<const voxel::Palette>(std::move(palette));
  auto stage = MakeRef<voxel::Stage>();
  stage->cameras.push_back({.name = "door",
                            .kind = voxel::SceneCamera::Kind::kIsometric,
                            .target = {1.5, -2, 1e9},
                            .azimuth = -30,
                            .elevation = 20.25,
                            .roll = 5,
                            .distance = 77,
                            .fov = 60,
                            .slot = 3,
                            .attributes = {{"_fov", "60"}}});
  stage->light = voxel::SceneLight{.azimuth = 10,
                                   .elevation = -5,
                                   .follows_view = true,
                                   .intensity = 0.25,
                                   .color = 0x102030FF,
                                   .ambient = 3,
                                   .ambient_color = 0x405060FF,
                                   .shadow = 0.5,
                                   .sun_attributes = {{"_type", "_inf"}},
                                   .sky_attributes = {{"_type", "_uni"}, {"_i", "3"}}};
  document->stage = RefPtr<const voxel::Stage>(std::move(stage));
  document->merged = {{"uid", 7}};
  const DocumentPtr ball = Edited(Blank(), voxel::Ellipsoid{{{-9, -9, -9}, {20, 20, 20}}, 0x99FF});
  auto layer = MakeRef<Layer>();
  layer->id = "walls";
  layer->title = "Walls";
  layer->group = "house/roof";
  layer->visible = false;
  layer->locked = true;
  layer->opacity = 17;
  layer->mode = voxel::Mode::kMultAlpha;
  layer->material = "stone";
  layer->labels = {{"by", "ann"}};
  layer->transform = {voxel::Rotation::Quarter(voxel::Axis::kX, 1), {4, -5, 6}};
  layer->volume = ball->layers[0]->volume;
  layer->scene_path = {0, 1, 2};
  document->layers.push_back(RefPtr<const Layer>(std::move(layer)));
  auto link = MakeRef<Layer>();
  link->id = "copy";
  link->linked_to = "walls";
  link->volume = ball->layers[0]->volume;
  document->layers.push_back(RefPtr<const Layer>(std::move(link)));
  auto scene = MakeRef<voxel::SceneGraph>();
  scene->format = "vox";
  scene->version = 200;
  scene->nodes = {
      {voxel::SceneNode::Kind::kTransform, {{"_name", "n"}}, {1}, 3, {{{"_t", "1 2 3"}}}, {}},
      {voxel::SceneNode::Kind::kGroup, {}, {2}, -1, {}, {}},
      {voxel::SceneNode::Kind::kShape, {}, {}, -1, {{}}, {0}}};
  voxel::SceneModel model;
  model.size = {29, 29, 29};
  model.voxels = ball->layers[0]->volume;
  model.indices = Edited(Blank(), voxel::SetVoxels{{{1, 1, 1}}, {0x5FF}})->layers[0]->volume;
  scene->models.push_back(std::move(model));
  scene->chunks = {{"NOTE", std::string("x\0y", 3)}};
  document->scene = RefPtr<const voxel::SceneGraph>(std::move(scene));
  return DocumentPtr(std::move(document));
}

TEST(DocumentDeltaTest, EveryPartComesBack) {
  const DocumentPtr full = Full();
  ExpectKept(Blank(), full);
  ExpectKept(full, Blank());
  const DocumentPtr read = Read(Blank(), Write(*Blank(), *full));
  const Layer& layer = *read->layers[0];
  EXPECT_EQ(layer.group, "house/roof");
  EXPECT_EQ(layer.mode, voxel::Mode::kMultAlpha);
  EXPECT_EQ(layer.transform, full->layers[0]->transform);
  EXPECT_EQ(layer.scene_path, full->layers[0]->scene_path);
  EXPECT_TRUE(layer.locked);
  EXPECT_FALSE(layer.visible);
  EXPECT_TRUE(read->layers[1]->volume.SharesRoot(layer.volume));
  EXPECT_EQ(read->scene->chunks[0].content.size(), 3u);
  EXPECT_EQ(read->scene->nodes[0].frames, full->scene->nodes[0].frames);
  EXPECT_EQ(read->scene->models[0].indices.ContentHash(),
            full->scene->models[0].indices.ContentHash());
  EXPECT_TRUE(read->scene->models[0].voxels.SharesRoot(layer.volume)) << "kept twice";
}

TEST(DocumentDeltaTest, LayersAreAddedMovedRenamedAndRemoved) {
  const DocumentPtr full = Full();
  auto changed = MakeRef<Document>(*full);
  std::swap(changed->layers[0], changed->layers[1]);
  changed->layers.insert(changed->layers.begin(), NewLayer("twin", full->layers[0]->volume));
  auto renamed = MakeRef<Layer>(*changed->layers[1]);
  renamed->title = "other";
  changed->layers[1] = RefPtr<const Layer>(std::move(renamed));
  changed->palette = nullptr;
  changed->stage = nullptr;
  changed->merged.clear();
  const DocumentPtr after(std::move(changed));
  ExpectKept(full, after);
  ExpectKept(after, full);
  EXPECT_LE(BytesOf(Write(*full, *after)), 100u) << "the twin's voxels are there already";
}

TEST(DocumentDeltaTest, LinkedLayersFollowTheOriginal) {
  const DocumentPtr full = Full();
  auto changed = MakeRef<Document>(*full);
  auto edited = MakeRef<Layer>(*full->layers[0]);
  edited->locked = false;
  voxel::VolumeEditor editor(edited->volume);
  editor.Set({0, 0, 0}, 0x123456FF);
  edited->volume = editor.Commit();
  changed->ReplaceLayer(0, RefPtr<const Layer>(std::move(edited)));
  ExpectKept(full, DocumentPtr(std::move(changed)));
}

DocumentPtr WithSelection(const DocumentPtr& base, const std::string& id, const Box& box,
                          bool complement = false) {
  auto document = MakeRef<Document>(*base);
  const voxel::Volume ink = Edited(Blank(), voxel::FillBox{box, voxel::kInk})->layers[0]->volume;
  document->PutSelection(RefPtr<const voxel::Selection>(
      MakeRef<voxel::Selection>(id, voxel::VoxelSet{ink, complement})));
  return DocumentPtr(std::move(document));
}

TEST(DocumentDeltaTest, SelectionsComeBack) {
  const DocumentPtr none = Edited(Blank(), voxel::FillBox{{{0, 0, 0}, {40, 40, 40}}, 0xFF});
  const DocumentPtr one = WithSelection(none, "roof", {{3, 3, 3}, {70, 30, 9}});
  const DocumentPtr two = WithSelection(one, "cellar", {{-9, 0, 0}, {5, 5, 5}}, true);
  const DocumentPtr grown = WithSelection(two, "roof", {{3, 3, 3}, {70, 30, 10}});
  const DocumentPtr turned = WithSelection(two, "roof", {{3, 3, 3}, {70, 30, 9}}, true);
  auto without = MakeRef<Document>(*two);
  without->RemoveSelection("cellar");
  without->layers = {NewLayer("first"), two->layers[0]};
  for (const DocumentPtr& after : {one, two, grown, turned, none, DocumentPtr(without)}) {
    for (const DocumentPtr& before : {one, two, none}) {
      ExpectKept(before, after);
      const DocumentPtr got = Read(before, Write(*before, *after));
      ASSERT_EQ(got->selections.size(), after->selections.size());
      for (size_t i = 0; i < got->selections.size(); ++i) {
        EXPECT_EQ(got->selections[i]->id, after->selections[i]->id);
        EXPECT_TRUE(SameVoxels(got->selections[i]->voxels, after->selections[i]->voxels)) << i;
      }
    }
  }
  EXPECT_LE(BytesOf(Write(*two, *turned)), 48u) << "its voxels are the same ones";
}

// So much that it takes several frames.
DocumentPtr Noise() {
  voxel::SetVoxels noise;
  for (int x = 0; x < 300000; ++x) {
    noise.positions.push_back({x % 400, x / 400, 0});
    noise.colors.push_back(voxel::Rgba(x * 7 % 251, x / 251 % 255, x % 253));
  }
  return Edited(Blank(), noise);
}

TEST(DocumentDeltaTest, OwnBytesAreReadAlone) {
  std::string own(700000, ' ');
  for (size_t i = 0; i < own.size(); ++i) own[i] = static_cast<char>(i * i % 251);
  const Frames frames = Write(*Blank(), *Noise(), own);
  ASSERT_GT(frames.size(), 3u);
  OwnBytesReader reader;
  bool complete = false;
  size_t read = 0;
  for (; !complete; ++read) {
    const auto added = reader.Add(frames.at(read));
    ASSERT_TRUE(added.ok());
    complete = *added;
  }
  EXPECT_EQ(reader.own(), own);
  EXPECT_EQ(read, 3u);
  EXPECT_FALSE(OwnBytesReader().Add("nonsense").ok());
}

TEST(DocumentDeltaTest, WriterEndsWhenNobodyWantsMore) {
  const DocumentPtr document = Noise();
  ASSERT_GT(Write(*Blank(), *document).size(), 3u);
  int frames = 0;
  WriteDelta(*Blank(), *document, "own", kLevel, nullptr,
             [&](const std::string&) { return ++frames < 2; });
  EXPECT_EQ(frames, 2);
}

TEST(DocumentDeltaTest, DamageIsFound) {
  const DocumentPtr before = Blank();
  const Frames frames = Write(*before, *Full());
  for (size_t at = 0; at < frames[0].size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string damaged = frames[0];
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      DeltaReader reader(before, {});
      EXPECT_EQ(reader.Add(damaged).code(), absl::StatusCode::kDataLoss) << at << " bit " << bit;
    }
  }
  DeltaReader reader(before, {});
  std::string own;
  EXPECT_EQ(reader.End(own).code(), absl::StatusCode::kDataLoss);
}

// With a checksum that fits, too: what a hostile file would hold.
TEST(DocumentDeltaTest, AnyBytesAreReadOrRefused) {
  const DocumentPtr before = Blank();
  const std::string good = *OpenFrame(Write(*before, *Full())[0]);
  std::mt19937 random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good.substr(0, random() % 8 == 0 ? random() % good.size() : good.size());
    for (uint32_t flips = 1 + random() % 4; flips > 0 && !bad.empty(); --flips) {
      bad[random() % std::min<size_t>(bad.size(), 400)] = static_cast<char>(random());
    }
    DeltaReader reader(before, {.max_new_bytes = int64_t{64} << 20});
    std::string own;
    if (reader.Add(SealFrame(bad, 0)).ok() && reader.End(own).ok()) reader.Take()->ContentHash();
  }
}

TEST(FrameTest, SizesAreCheckedBeforeMemoryIsTaken) {
  EXPECT_EQ(*OpenFrame(SealFrame("", 3)), "");
  const std::string zeros(kMaxFrameBytes, '\0');
  EXPECT_EQ(*OpenFrame(SealFrame(zeros, 3)), zeros);
  EXPECT_LT(SealFrame(zeros, 3).size(), 1000u);
  EXPECT_EQ(*OpenFrame(SealFrame(zeros, 0)), zeros);
  for (const std::string_view bad : {"", "abc", "abcdefgh"}) EXPECT_FALSE(OpenFrame(bad).ok());
}

}  // namespace
}  // namespace voxeld
