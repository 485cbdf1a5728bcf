// What ApplyEdits promises beyond voxels: errors with their fields, atomicity, layers, limits,
// cancelling.
#include "voxel/ops/apply.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "voxel/base/error.h"
#include "voxel/grid/diff.h"

namespace voxel {
namespace {

constexpr Box kSmall{{0, 0, 0}, {4, 4, 4}};

void ExpectError(const RefPtr<const Document>& document, const Edit& edit,
                 const std::string& reason, const std::string& field,
                 const TaskContext& context = TaskContext()) {
  // Second in the batch, so that the index shows and the first edit has to be taken back.
  const Edit first = EditIn(document->layers.empty() ? "" : document->layers[0]->id,
                            SetVoxels{{{9, 9, 9}}, {kBlue}});
  const uint64_t hash = document->ContentHash();
  const auto result = ApplyEdits(document, std::vector<Edit>{first, edit}, context);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(ReasonOf(result.status()), reason) << result.status();
  EXPECT_EQ(FieldOf(result.status()), "edits[1]" + (field.empty() ? "" : "." + field))
      << result.status();
  EXPECT_EQ(document->ContentHash(), hash);
}

TEST(ApplyEditsTest, LayersThatCannotBeWrittenAreRefusedByName) {
  const auto document = NewDocument({NewLayer("main"), LockedLayer(), LinkedLayer("main")});
  ExpectError(document, EditIn("nobody", Clear{}), "LAYER_NOT_FOUND", "layer");
  ExpectError(document, EditIn("", Clear{}), "LAYER_AMBIGUOUS", "layer");
  ExpectError(document, EditIn("locked", Clear{}), "LAYER_LOCKED", "layer");
  ExpectError(document, EditIn("linked", Clear{}), "LAYER_LINKED", "layer");
  CopyBox copy;
  copy.box = kSmall;
  copy.from_layer = "nobody";
  ExpectError(document, EditIn("main", copy), "LAYER_NOT_FOUND", "copy.from_layer");
}

TEST(ApplyEditsTest, PlacesOutsideTheWorldAreNamed) {
  const auto document = OneLayer();
  const Coord out{0, kMaxCoord, 0};
  ExpectError(document, EditOf(SetVoxels{{{0, 0, 0}, out}, {kRed}}), "OUT_OF_WORLD", "set.xyz");
  ExpectError(document, EditOf(FillBox{{out, out + Coord{1, 1, 1}}, kRed, 0}), "OUT_OF_WORLD",
              "box.box.min");
  ExpectError(document, EditOf(Ellipsoid{{{0, 0, 0}, {1, 1, kMaxCoord + 1}}, kRed, 0}),
              "OUT_OF_WORLD", "ellipsoid.box.max");
  ExpectError(document, EditOf(Cone{{{0, 0, kMinCoord - 1}, {1, 1, 1}}, Axis::kZ, false, kRed, 0}),
              "OUT_OF_WORLD", "cone.box.min");
  ExpectError(document, EditOf(Torus{{kMaxCoord - 5, 0, 0}, Axis::kZ, 4, 2, kRed}), "OUT_OF_WORLD",
              "torus");
  ExpectError(document, EditOf(Line{{{0, kMaxCoord - 2, 0}}, 2, kRed}), "OUT_OF_WORLD",
              "line.radius");
  ExpectError(document, EditOf(Line{{out}, 0, kRed}), "OUT_OF_WORLD", "line.points");
  ExpectError(document, EditOf(FloodFill{out, kRed, 0, 0}), "OUT_OF_WORLD", "flood_fill.seed");
  ExpectError(document, EditOf(MoveBox{kSmall, {INT32_MAX, 0, 0}, false}), "OUT_OF_WORLD",
              "move.by");
  CopyBox copy;
  copy.box = kSmall;
  copy.count = 3;
  copy.step = {kMaxCoord / 2, 0, 0};
  ExpectError(document, EditOf(copy), "OUT_OF_WORLD", "copy.step");
  const Box edge{{kMaxCoord - 2, 0, 0}, {kMaxCoord, 9, 1}};
  ExpectError(document, EditOf(Rotate{edge, Axis::kZ, 1}), "OUT_OF_WORLD", "rotate.box");
  ExpectError(document, EditOf(Clear{}, Mode::kReplace, Box{{0, 0, 0}, out + Coord{1, 1, 1}}),
              "OUT_OF_WORLD", "clip.max");
}

TEST(ApplyEditsTest, PlacesOutsideTheLayersOwnSpaceAreRefused) {
  const auto document = OneLayer(Volume(), {Rotation(), {1000, 0, 0}});
  const Box west{{kMinCoord, 0, 0}, {kMinCoord + 4, 4, 4}};
  ExpectError(document, EditOf(FillBox{west, kRed, 0}), "OUT_OF_WORLD", "box.box");
  ExpectError(document, EditOf(SetVoxels{{west.min}, {kRed}}), "OUT_OF_WORLD", "set.xyz");
  ExpectError(document, EditOf(MoveBox{kSmall, {kMinCoord, 0, 0}, false}), "OUT_OF_WORLD",
              "move.by");
}

TEST(ApplyEditsTest, SenselessFieldsAreNamed) {
  const auto document = OneLayer();
  const Box empty{{3, 0, 0}, {3, 9, 9}};
  ExpectError(document, EditOf(SetVoxels{}), "INVALID_FIELD", "set.xyz");
  ExpectError(document, EditOf(SetVoxels{{{0, 0, 0}, {1, 0, 0}, {2, 0, 0}}, {kRed, kBlue}}),
              "INVALID_FIELD", "set.rgba");
  ExpectError(document, EditOf(FillBox{empty, kRed, 0}), "INVALID_FIELD", "box.box");
  ExpectError(document, EditOf(Cylinder{empty, Axis::kZ, kRed, 0}), "INVALID_FIELD",
              "cylinder.box");
  ExpectError(document, EditOf(Torus{{0, 0, 0}, Axis::kZ, 4, 0, kRed}), "INVALID_FIELD",
              "torus.minor");
  ExpectError(document, EditOf(Line{}), "INVALID_FIELD", "line.points");
  ExpectError(document, EditOf(FloodFill{{0, 0, 0}, kRed, 256, 0}), "INVALID_FIELD",
              "flood_fill.tolerance");
  ExpectError(document, EditOf(FloodFill{{0, 0, 0}, kRed, 0, -1}), "INVALID_FIELD",
              "flood_fill.max_voxels");
  ExpectError(document, EditOf(FloodFill{{0, 0, 0}, kRed, 0, 0}), "INVALID_FIELD",
              "flood_fill.seed");  // air without an end
  ExpectError(document, EditOf(FloodFill{{9, 9, 9}, kRed, 0, 0}, Mode::kReplace, kSmall),
              "INVALID_FIELD", "flood_fill.seed");
  ExpectError(document, EditOf(Replace{kAir, kRed, 0, std::nullopt}), "INVALID_FIELD",
              "replace.box");
  ExpectError(document, EditOf(Replace{kRed, kBlue, 300, std::nullopt}), "INVALID_FIELD",
              "replace.tolerance");
  CopyBox copy;
  copy.box = kSmall;
  copy.count = 0;
  ExpectError(document, EditOf(copy), "INVALID_FIELD", "copy.count");
  ExpectError(document, EditOf(Mirror{empty, Axis::kX}), "INVALID_FIELD", "mirror.box");
  ExpectError(document, EditOf(Clear{}, Mode::kReplace, empty), "INVALID_FIELD", "clip");
  ExpectError(document, EditOf(Clear{}, static_cast<Mode>(0)), "INVALID_FIELD", "mode");
}

TEST(ApplyEditsTest, SenselessFieldsOfTheLaterOperationsAreNamed) {
  const auto document = OneLayer();
  const Box empty{{3, 0, 0}, {3, 9, 9}};
  const std::vector<std::pair<EditOp, std::string>> wrong = {
      {Pyramid{empty, Axis::kZ, false, kRed, 0}, "pyramid.box"},
      {Capsule{{0, 0, 0}, {9, 0, 0}, 0, kRed}, "capsule.radius"},
      {Prism{{{0, 0, 0}, {5, 0, 0}}, Axis::kZ, 1, kRed}, "prism.points"},
      {Prism{{{0, 0, 0}, {5, 0, 0}, {5, 5, 1}}, Axis::kZ, 1, kRed}, "prism.points"},
      {Prism{{{0, 0, 0}, {5, 0, 0}, {5, 5, 0}}, Axis::kZ, 0, kRed}, "prism.length"},
      {Walls{kSmall, Axis::kZ, kRed, 0}, "walls.thickness"},
      {Faces{kSmall, kRed, 0}, "faces.thickness"},
      {Faces{empty, kRed, 1}, "faces.box"},
      {Runs{{}, {kRed}}, "runs.runs"},
      {Runs{{{{0, 0, 0}, 0}}, {kRed}}, "runs.runs"},
      {Runs{{{{0, 0, 0}, 1}}, {kRed, kRed}}, "runs.rgba"},
      {Drain{{0, 0, 0}, 256, 0}, "drain.tolerance"},
      {Drain{{0, 0, 0}, 0, 0}, "drain.seed"},  // air without an end
      {Crop{empty}, "crop.box"},
      {Extrude{kSmall, Axis::kX, 0, false}, "extrude.length"},
      {Outline{kRed, Neighbours::kFaces, false, 65}, "outline.thickness"},
      {HollowOut{0}, "hollow.thickness"},
      {Scale{kSmall, 1, false}, "scale.factor"},
      {Scale{kSmall, 65, false}, "scale.factor"},
      {Scale{kSmall, 3, true}, "scale.box"},
      {Remap{{}, {}}, "remap.from"},
      {Remap{{kRed}, {}}, "remap.to"},
      {Remap{{kAir}, {kRed}}, "remap.from"},
      {Remap{{kRed, kRed}, {kBlue, kBlue}}, "remap.from"},
      {Quantise{0}, "quantise.colors"},
      {MergeColors{0}, "merge_colors.tolerance"},
      {MergeColors{256}, "merge_colors.tolerance"},
      {Adjust{361, 0, 0, 0}, "adjust.hue"},
      {Adjust{0, -101, 0, 0}, "adjust.saturation"},
      {Adjust{0, 0, 101, 0}, "adjust.lightness"},
      {Adjust{0, 0, 0, 101}, "adjust.contrast"},
  };
  for (const auto& [op, field] : wrong) {
    SCOPED_TRACE(field);
    ExpectError(document, EditOf(op), "INVALID_FIELD", field);
  }
}

TEST(ApplyEditsTest, TheLaterOperationsKnowTheRimOfTheWorld) {
  const auto document = OneLayer();
  const Coord rim{kMaxCoord - 2, 0, 0};
  const std::vector<std::pair<EditOp, std::string>> wrong = {
      {Capsule{{0, 0, 0}, rim, 2, kRed}, "capsule.radius"},
      {Prism{{{0, 0, rim.x}, {5, 0, rim.x}, {5, 5, rim.x}}, Axis::kZ, 3, kRed}, "prism.length"},
      {Runs{{{rim, 3}}, {kRed}}, "runs.runs"},
      {Extrude{BoxAt(rim), Axis::kX, 2, false}, "extrude.length"},
      {Scale{BoxAt(rim), 3, false}, "scale.box"},
  };
  for (const auto& [op, field] : wrong) {
    SCOPED_TRACE(field);
    ExpectError(document, EditOf(op), "OUT_OF_WORLD", field);
  }
}

TEST(ApplyEditsTest, TheLaterOperationsKeepToTheLimitOfVoxels) {
  const auto document = OneLayer();
  TaskContext context;
  context.max_voxels = 1000;
  const std::vector<std::pair<EditOp, std::string>> wrong = {
      {Capsule{{0, 0, 0}, {100, 0, 0}, 3, kRed}, "capsule"},
      {Prism{{{0, 0, 0}, {50, 0, 0}, {50, 50, 0}}, Axis::kZ, 1, kRed}, "prism"},
      {Runs{{{{0, 0, 0}, 600}, {{0, 0, 0}, 600}}, {kRed}}, "runs.runs"},
      {Extrude{kSmall, Axis::kX, 100, false}, "extrude"},
      {Scale{kSmall, 3, false}, "scale.box"},
  };
  for (const auto& [op, field] : wrong) {
    SCOPED_TRACE(field);
    ExpectError(document, EditOf(op), "LIMIT_VOXELS", field, context);
  }
  // Two voxels far apart: no search of all that lies between them.
  const Volume far = AppliedTo(
      Volume(), {EditOf(SetVoxels{{{kMinCoord, 0, 0}, {kMaxCoord - 1, 100'000, 0}}, {kRed}})});
  ExpectError(OneLayer(far), EditOf(FillVoids{kBlue}), "LIMIT_VOXELS", "fill_voids");
}

TEST(ApplyEditsTest, OnlyPaintingOperationsTakeAMode) {
  const auto document = OneLayer();
  ExpectError(document, EditOf(Clear{}, Mode::kOver), "INVALID_FIELD", "mode");
  ExpectError(document, EditOf(MoveBox{kSmall, {1, 0, 0}, false}, Mode::kOver), "INVALID_FIELD",
              "mode");
  ExpectError(document, EditOf(Mirror{kSmall, Axis::kX}, Mode::kMax), "INVALID_FIELD", "mode");
  ExpectError(document, EditOf(Rotate{kSmall, Axis::kX, 1}, Mode::kSub), "INVALID_FIELD", "mode");
}

TEST(ApplyEditsTest, LimitsAreCheckedBeforeAnyWork) {
  const auto document = OneLayer();
  ExpectError(document, EditOf(FillBox{kWorld, kRed, 0}), "LIMIT_VOXELS", "box.box");
  ExpectError(document, EditOf(Ellipsoid{kWorld, kRed, 1}), "LIMIT_VOXELS", "ellipsoid.box");
  ExpectError(document, EditOf(MoveBox{kWorld, {0, 0, 0}, false}), "LIMIT_VOXELS", "move.box");
  TaskContext context;
  context.max_voxels = 100;
  ExpectError(document, EditOf(FillBox{{{0, 0, 0}, {101, 1, 1}}, kRed, 0}), "LIMIT_VOXELS",
              "box.box", context);
  ExpectError(document, EditOf(SetVoxels{std::vector<Coord>(101), {kRed}}), "LIMIT_VOXELS",
              "set.xyz", context);
  ExpectError(document, EditOf(Line{{{0, 0, 0}, {100, 0, 0}}, 0, kRed}), "LIMIT_VOXELS",
              "line.points", context);
  ExpectError(document, EditOf(Torus{{0, 0, 0}, Axis::kX, 5, 1, kRed}), "LIMIT_VOXELS", "torus",
              context);
  CopyBox copy;
  copy.box = kSmall;
  copy.count = 2;
  ExpectError(document, EditOf(copy), "LIMIT_VOXELS", "copy.box", context);
  ExpectError(document, EditOf(Replace{kAir, kRed, 0, Box{{0, 0, 0}, {101, 1, 1}}}), "LIMIT_VOXELS",
              "replace.box", context);
  // Large boxes are fine where only what is there costs.
  EXPECT_TRUE(ApplyEdits(document, std::vector<Edit>{EditOf(Clear{kWorld})}, context).ok());
  EXPECT_TRUE(
      ApplyEdits(document, std::vector<Edit>{EditOf(Replace{kRed, kBlue, 0, kWorld})}, context)
          .ok());
}

TEST(ApplyEditsTest, FloodsEndAtTheirLimit) {
  const auto document =
      Applied(OneLayer(), {EditOf(FillBox{{{0, 0, 0}, {10, 10, 1}}, kRed, 0})}).document;
  ExpectError(document, EditOf(FloodFill{{0, 0, 0}, kBlue, 0, 99}), "LIMIT_VOXELS", "flood_fill");
  EXPECT_EQ(Applied(document, {EditOf(FloodFill{{0, 0, 0}, kBlue, 0, 100})}).counts[0].changed,
            100);
}

TEST(ApplyEditsTest, MemoryIsLimitedForTheWholeBatch) {
  TaskContext context;
  context.max_new_bytes = 100'000;
  std::vector<Edit> edits;
  for (int i = 0; i < 200; ++i) edits.push_back(EditOf(SetVoxels{{{i * 16, 0, 0}}, {kRed}}));
  const auto result = ApplyEdits(OneLayer(), edits, context);
  EXPECT_EQ(ReasonOf(result.status()), "LIMIT_MEMORY") << result.status();
  // One edit alone, in bricks of noise.
  ExpectError(OneLayer(), EditOf(FillBox{{{3, 3, 3}, {1003, 1003, 1003}}, kRed, 0}), "LIMIT_MEMORY",
              "", context);
}

TEST(ApplyEditsTest, NothingChangedIsTheSameDocument) {
  const auto document = Applied(OneLayer(), {EditOf(FillBox{kSmall, kRed, 0})}).document;
  const ApplyResult same = Applied(document, {EditOf(FillBox{kSmall, kRed, 0})});
  EXPECT_EQ(same.document.get(), document.get());
  EXPECT_EQ(same.counts[0].unchanged, 64);
  // There and back again within the batch.
  const ApplyResult back = Applied(
      document, {EditOf(FillBox{kSmall, kBlue, 0}), EditOf(Replace{kBlue, kRed, 0, std::nullopt})});
  EXPECT_EQ(back.document.get(), document.get());
  EXPECT_EQ(back.counts[0].changed, 64);
  EXPECT_EQ(back.counts[1].changed, 64);
  EXPECT_EQ(Applied(document, {}).document.get(), document.get());
}

TEST(ApplyEditsTest, OtherLayersAreSharedAndLinkedOnesFollow) {
  auto* linked = new Layer;
  linked->id = "copy";
  linked->linked_to = "main";
  const auto document =
      NewDocument({NewLayer("main"), RefPtr<const Layer>::Adopt(linked), NewLayer("other")});
  const auto after = Applied(document, {EditIn("main", FillBox{kSmall, kRed, 0})}).document;
  EXPECT_TRUE(after->layers[1]->volume.SharesRoot(after->layers[0]->volume));
  EXPECT_EQ(after->layers[1]->volume.CountVoxels(), 64);
  EXPECT_EQ(after->layers[2].get(), document->layers[2].get());
  EXPECT_EQ(document->CountVoxels(), 0);
}

TEST(ApplyEditsTest, CopiesReadWhatEarlierEditsOfTheBatchLeft) {
  auto* linked = new Layer;
  linked->id = "linked";
  linked->linked_to = "main";
  linked->transform = {Rotation(), {100, 0, 0}};
  const auto document =
      NewDocument({NewLayer("main"), RefPtr<const Layer>::Adopt(linked), NewLayer("to")});
  CopyBox copy;
  copy.from_layer = "linked";
  copy.box = {{100, 0, 0}, {104, 4, 4}};  // where the linked layer shows main's small box
  copy.to = {7, 7, 7};
  const auto after =
      Applied(document, {EditIn("main", FillBox{kSmall, kRed, 0}), EditIn("to", copy)}).document;
  EXPECT_EQ(VoxelsOf(after->layers[2]->volume),
            VoxelsOf(AppliedTo(Volume(), {EditOf(FillBox{{{7, 7, 7}, {11, 11, 11}}, kRed, 0})})));
}

TEST(ApplyEditsTest, CancellingAndDeadlinesLeaveNothingBehind) {
  CancelToken cancel;
  cancel.Cancel();
  TaskContext context;
  context.cancel = &cancel;
  const std::vector<Edit> edits{EditOf(FillBox{kSmall, kRed, 0})};
  EXPECT_EQ(ReasonOf(ApplyEdits(OneLayer(), edits, context).status()), "CALL_CANCELLED");
  context.cancel = nullptr;
  context.deadline = absl::InfinitePast();
  EXPECT_EQ(ReasonOf(ApplyEdits(OneLayer(), edits, context).status()), "DEADLINE_PASSED");
}

TEST(ApplyEditsTest, LongEditsAreCancelledOnTheWay) {
  // Cancels from within: the progress of the first edit is the signal that the second one has
  // begun.
  CancelToken cancel;
  TaskContext context;
  context.cancel = &cancel;
  context.progress = [&cancel](double fraction) {
    if (fraction >= 0.5) cancel.Cancel();
  };
  const std::vector<Edit> edits{EditOf(FillBox{kSmall, kRed, 0}),
                                EditOf(Ellipsoid{{{1, 1, 1}, {400, 400, 400}}, kBlue, 0})};
  EXPECT_EQ(ReasonOf(ApplyEdits(OneLayer(), edits, context).status()), "CALL_CANCELLED");
}

TEST(ApplyEditsTest, ProgressRisesToOne) {
  std::vector<double> seen;
  TaskContext context;
  context.progress = [&seen](double fraction) { seen.push_back(fraction); };
  Applied(OneLayer(), std::vector<Edit>(4, EditOf(FillBox{kSmall, kRed, 0})), context);
  ASSERT_GE(seen.size(), 4u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 1.0);
}

TEST(ApplyEditsTest, AMillionVoxelsCountEachPositionOnce) {
  SetVoxels set;
  for (int i = 0; i < 500'000; ++i) {
    const Coord c{i % 100, i / 100 % 100, i / 10'000};
    set.positions.push_back(c);
    set.colors.push_back(kBlue);
    set.positions.push_back(c);
    set.colors.push_back(kRed);
  }
  const ApplyResult result = Applied(OneLayer(), {EditOf(set)});
  EXPECT_EQ(result.counts[0].changed, 500'000);
  EXPECT_EQ(result.counts[0].unchanged, 0);
  const Volume& volume = result.document->layers[0]->volume;
  const Volume want = AppliedTo(Volume(), {EditOf(FillBox{{{0, 0, 0}, {100, 100, 50}}, kRed, 0})});
  EXPECT_EQ(volume.ContentHash(), want.ContentHash());
}

TEST(ApplyEditsTest, ABillionVoxelsAtAnOddOffsetAreCountedExactly) {
  const Box box{{3, 3, 3}, {1003, 1003, 1003}};
  const Box clip{{3, 3, 3}, {503, 1003, 1003}};
  const ApplyResult result =
      Applied(OneLayer(),
              {EditOf(FillBox{box, kRed, 0}, Mode::kReplace, clip), EditOf(FillBox{box, kRed, 0})});
  EXPECT_EQ(result.counts[0].changed, 500'000'000);
  EXPECT_EQ(result.counts[0].clipped, 500'000'000);
  EXPECT_EQ(result.counts[1].changed, 500'000'000);
  EXPECT_EQ(result.counts[1].unchanged, 500'000'000);
  EXPECT_EQ(result.document->Bounds(), box);
}

TEST(ApplyEditsTest, VoxelsAtBothEndsOfTheWorldCostNothingBetween) {
  const Coord low{kMinCoord, kMinCoord, kMinCoord};
  const Coord high{kMaxCoord - 1, kMaxCoord - 1, kMaxCoord - 1};
  const auto ends = Applied(OneLayer(), {EditOf(SetVoxels{{low, high}, {kRed}})}).document;
  EXPECT_EQ(Applied(ends, {EditOf(Clear{})}).counts[0].changed, 2);
  EXPECT_EQ(Applied(ends, {EditOf(Replace{kRed, kBlue, 9, std::nullopt})}).counts[0].changed, 2);
  EXPECT_EQ(Applied(ends, {EditOf(SetVoxels{{low}, {kRed}}, Mode::kIntersect)}).counts[0].changed,
            1);
  EXPECT_EQ(Applied(ends, {EditOf(FillBox{kSmall, kRed, 0}, Mode::kIntersect)}).counts[0].changed,
            2);
  // From one end to the other, which is more than any one offset.
  const ApplyResult moved = Applied(ends, {EditOf(MoveBox{BoxAt(low), high - low, false})});
  EXPECT_EQ(moved.counts[0].changed, 1);
  EXPECT_EQ(moved.counts[0].unchanged, 1);
}

}  // namespace
}  // namespace voxel
