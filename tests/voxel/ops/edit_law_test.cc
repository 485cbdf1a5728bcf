// Laws that hold whatever the voxels are: on uniform, palette and raw bricks, at any border.
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tests/voxel/ops/edit_law.h"
#include "voxel/grid/combine.h"
#include "voxel/ops/operations.h"
#include "voxel/ops/placement.h"

namespace voxel {
namespace {

class EditLawTest : public EditLaw {};

INSTANTIATE_TEST_SUITE_P(Fillings, EditLawTest,
                         testing::Values(Filling::kUniform, Filling::kPalette, Filling::kRaw),
                         FillingName);

TEST_P(EditLawTest, FourQuarterTurnsAreNone) {
  Check([](RandomEdits& random, const Volume& volume) {
    Box box = random.AnyBox(20);
    const Axis axis = random.AnyAxis();
    const int u = axis == Axis::kX ? 1 : 0;
    const int v = axis == Axis::kZ ? 1 : 2;
    box.max[v] = box.min[v] + static_cast<int32_t>(box.Size(u));  // the turned box is the same
    if (!random.arena().Contains(box)) return;
    const Edit turn = EditOf(Rotate{box, axis, 1});
    const Volume after = AppliedTo(volume, {turn, turn, turn, turn});
    EXPECT_EQ(after.ContentHash(), volume.ContentHash());
    const Edit back = EditOf(Rotate{box, axis, -3});
    EXPECT_EQ(AppliedTo(volume, {turn}).ContentHash(), AppliedTo(volume, {back}).ContentHash());
  });
}

TEST_P(EditLawTest, TwoMirrorsAreNone) {
  Check([](RandomEdits& random, const Volume& volume) {
    const Edit mirror = EditOf(Mirror{random.AnyBox(20), random.AnyAxis()});
    EXPECT_EQ(AppliedTo(volume, {mirror, mirror}).ContentHash(), volume.ContentHash());
  });
}

TEST_P(EditLawTest, MovingThereAndBackIsNoMove) {
  Check([](RandomEdits& random, const Volume& volume) {
    const Box box = random.AnyBox(12);
    const Coord by = random.AnyCoord() - random.AnyCoord();
    const Block to = WideTransform::Shift(by).Apply(BlockOf(box));
    for (int i = 0; i < 3; ++i) {
      if (to[i].first < kMinCoord || to[i].last >= kMaxCoord) return;
    }
    const Box target{box.min + by, box.max + by};
    const Volume empty_there = AppliedTo(volume, {EditOf(Clear{target})});
    const Volume after = AppliedTo(
        empty_there,
        {EditOf(MoveBox{box, by, false}), EditOf(MoveBox{target, {-by.x, -by.y, -by.z}, false})});
    EXPECT_EQ(after.ContentHash(), empty_there.ContentHash());
  });
}

// Whether an edit reads no voxel but the one that it writes, in whatever layer.
bool ReadsInPlace(const EditOp& op) {
  const OperationFamily family = OperationOf(op).family;
  return family == OperationFamily::kShapes || family == OperationFamily::kColors ||
         family == OperationFamily::kLayers;
}

TEST_P(EditLawTest, AnEditByPartsOfItsClipBoxIsTheWholeEdit) {
  Check([](RandomEdits& random, const Volume& volume) {
    const auto document = TwoLayers(random, volume);
    Edit whole = NextInMain(random);
    while (!ReadsInPlace(whole.op)) whole = NextInMain(random);
    whole.clip = random.arena();
    const int axis = random.Below(3);
    Edit low = whole;
    Edit high = whole;
    low.clip->max[axis] = high.clip->min[axis] =
        random.arena().min[axis] + 1 + random.Below(RandomEdits::kArenaSize - 2);
    EXPECT_EQ(Applied(document, {low, high}).document->ContentHash(),
              Applied(document, {whole}).document->ContentHash())
        << "operation " << whole.op.index();
  });
}

TEST_P(EditLawTest, RevertingAnEditUndoesIt) {
  Check([](RandomEdits& random, const Volume& volume) {
    const auto before = TwoLayers(random, volume);
    const auto after = Applied(before, {NextInMain(random), NextInMain(random)}).document;
    const auto reverted = RevertChange(*before, *after, after, TaskContext());
    ASSERT_TRUE(reverted.ok()) << reverted.status();
    EXPECT_EQ(reverted->document->ContentHash(), before->ContentHash());
    EXPECT_EQ(reverted->conflicts, 0);
  });
}

TEST_P(EditLawTest, ScalingUpAndDownIsNone) {
  Check([](RandomEdits& random, const Volume& volume) {
    Box box = random.AnyBox(9);
    for (int i = 0; i < 3; ++i) {
      box.max[i] -=
          std::max(0, box.min[i] + 3 * static_cast<int32_t>(box.Size(i)) - random.arena().max[i]);
    }
    if (box.empty()) return;
    Box large = box;
    for (int i = 0; i < 3; ++i) large.max[i] += 2 * static_cast<int32_t>(box.Size(i));
    const Volume alone = AppliedTo(volume, {EditOf(Crop{box})});
    const Volume after =
        AppliedTo(alone, {EditOf(Scale{box, 3, false}), EditOf(Scale{large, 3, true})});
    EXPECT_EQ(after.ContentHash(), alone.ContentHash());
    EXPECT_EQ(AppliedTo(alone, {EditOf(Scale{box, 3, false})}).CountVoxels(),
              27 * alone.CountVoxels());
  });
}

TEST_P(EditLawTest, AHollowSolidIsItsInsideOutlineAndFillsUpAgain) {
  Check([](RandomEdits& random, const Volume& volume) {
    const uint32_t thickness = static_cast<uint32_t>(1 + random.Below(3));
    const Volume hollow = AppliedTo(volume, {EditOf(HollowOut{thickness})});
    constexpr Color kMark = 0x0A0B0CFF;
    const Outline outline{kMark, Neighbours::kFaces, true, thickness};
    const Volume marked = AppliedTo(volume, {EditOf(outline)});
    int64_t marks = 0;
    for (const auto& [c, color] : VoxelsOf(marked)) marks += color == kMark;
    EXPECT_EQ(hollow.CountVoxels(), marks);
    const Volume filled = AppliedTo(hollow, {EditOf(FillVoids{kMark})});
    EXPECT_EQ(filled.CountVoxels(), volume.CountVoxels());
  });
}

TEST_P(EditLawTest, AFullTurnOfHueIsNone) {
  Check([](RandomEdits&, const Volume& volume) {
    EXPECT_EQ(AppliedTo(volume, {EditOf(Adjust{360, 0, 0, 0})}).ContentHash(),
              volume.ContentHash());
    const Edit third = EditOf(Adjust{-120, 0, 0, 0});
    EXPECT_EQ(AppliedTo(volume, {third, third, third}).ContentHash(), volume.ContentHash());
  });
}

TEST_P(EditLawTest, ReplacingBackAndForthIsNone) {
  Check([](RandomEdits& random, const Volume& volume) {
    const Color from = volume.Get(random.arena().min);
    constexpr Color kNew = 0x123456FF;
    const Edit there = EditOf(Replace{from, kNew, 0, std::nullopt});
    const Edit back = EditOf(Replace{kNew, from, 0, std::nullopt});
    EXPECT_NE(AppliedTo(volume, {there}).ContentHash(), volume.ContentHash());
    EXPECT_EQ(AppliedTo(volume, {there, back}).ContentHash(), volume.ContentHash());
  });
}

// What an edit does in the world does not depend on how the layer is placed: on a layer that is
// turned and moved, but shows the same voxels, it shows the same result.
TEST_P(EditLawTest, EditsAreInTheWorldWhateverTheLayersPlacement) {
  size_t drawn = 0;
  Check([&drawn](RandomEdits& random, const Volume& volume) {
    // A turn about the middle of the arena leaves it in the world at every rim.
    for (uint32_t byte = static_cast<uint32_t>(random.Below(8)); byte < 128; byte += 5) {
      const auto rotation = Rotation::FromByte(byte);
      if (!rotation) continue;
      Transform placement =
          WideTransform::Onto(*rotation, random.arena(), BlockOf(random.arena())).Narrow();
      if (random.OneIn(2) && random.arena().min.x == -14) placement.offset.x += 7;
      const auto local = TransformVolume(volume, placement.Inverse(), TaskContext());
      if (!local.ok()) continue;  // the arena lies too far off for this turn
      const auto plain = TwoLayers(random, volume);
      const auto placed = NewDocument({NewLayer("main", *local, placement), plain->layers[1]});
      Edit edit = random.NextOf(drawn++ % Operations().size());
      edit.layer = "main";
      const ApplyResult want = Applied(plain, {edit});
      const ApplyResult got = Applied(placed, {edit});
      const auto shown = TransformVolume(got.document->layers[0]->volume, placement, TaskContext());
      ASSERT_TRUE(shown.ok()) << shown.status();
      EXPECT_EQ(shown->ContentHash(), want.document->layers[0]->volume.ContentHash())
          << "operation " << edit.op.index() << " rotation " << byte;
      EXPECT_EQ(got.document->layers[1]->volume.ContentHash(),
                want.document->layers[1]->volume.ContentHash())
          << "operation " << edit.op.index() << " rotation " << byte;
      EXPECT_EQ(got.counts[0].changed, want.counts[0].changed);
      EXPECT_EQ(got.counts[0].unchanged, want.counts[0].unchanged);
      EXPECT_EQ(got.counts[0].clipped, want.counts[0].clipped);
    }
  });
}

TEST_P(EditLawTest, CopyingFromAPlacedLayerReadsWhatItShows) {
  Check([](RandomEdits& random, const Volume& volume) {
    const Rotation rotation = Rotation::Quarter(random.AnyAxis(), 1) * Rotation::Mirror(Axis::kX);
    const Transform placement =
        WideTransform::Onto(rotation, random.arena(), BlockOf(random.arena())).Narrow();
    const auto local = TransformVolume(volume, placement.Inverse(), TaskContext());
    if (!local.ok()) return;
    CopyBox copy;
    copy.box = random.AnyBox(14);
    copy.to = copy.box.min;
    copy.from_layer = "from";
    const Edit edit = EditIn("to", copy);
    const auto straight = NewDocument({NewLayer("from", volume), NewLayer("to")});
    const auto turned = NewDocument({NewLayer("from", *local, placement), NewLayer("to")});
    EXPECT_EQ(Applied(straight, {edit}).document->layers[1]->volume.ContentHash(),
              Applied(turned, {edit}).document->layers[1]->volume.ContentHash());
  });
}

TEST(RelocationTest, ALongRowOfCopiesIsLaidDownAtOnce) {
  const Volume voxel = AppliedTo(Volume(), {EditOf(FillBox{{{0, 0, 0}, {1, 1, 1}}, 0x336699FF})});
  const ApplyResult row =
      Applied(OneLayer(voxel), {EditOf(Extrude{{{0, 0, 0}, {1, 1, 1}}, Axis::kX, 1'000'000})});
  EXPECT_EQ(row.counts[0].changed, 1'000'000);
  EXPECT_EQ(row.document->layers[0]->volume.ContentHash(),
            AppliedTo(Volume(), {EditOf(FillBox{{{0, 0, 0}, {1'000'001, 1, 1}}, 0x336699FF})})
                .ContentHash());
  const Stack slant{{{0, 0, 0}, {1, 1, 1}}, {1, -1, 1}, 1'000'000, true};
  EXPECT_EQ(Applied(OneLayer(voxel), {EditOf(slant)}).document->CountVoxels(), 1'000'001);
}

TEST(RelocationTest, AirOfASlantedRowErasesOnlyWithinTheClipBox) {
  const Volume solid =
      AppliedTo(Volume(), {EditOf(FillBox{{{0, 0, 0}, {20, 20, 20}}, 0x336699FF})});
  CopyBox air;
  air.box = {{30, 0, 0}, {33, 3, 3}};
  air.count = 4;
  air.step = {5, 5, 0};
  const Edit edit = EditOf(air, Mode::kReplace, Box{{0, 0, 0}, {20, 20, 1}});
  EXPECT_EQ(AppliedTo(solid, {edit}).CountVoxels(), 20 * 20 * 20 - 4 * 9);
}

// On a layer that is moved, the real world may end before the layer's own does.
TEST(OutlineTest, EndsWhereTheRealWorldEnds) {
  const Coord last{kMaxCoord - 101, 0, 0};
  const Volume voxel = AppliedTo(Volume(), {EditOf(SetVoxels{{last}, {0x336699FF}})});
  const Transform placement{Rotation(), {100, 0, 0}};
  const ApplyResult result = Applied(OneLayer(voxel, placement),
                                     {EditOf(Outline{0xFF0000FF, Neighbours::kFaces, false, 1})});
  EXPECT_EQ(result.counts[0].changed, 5);
  EXPECT_EQ(result.document->layers[0]->volume.Bounds().max.x, kMaxCoord - 100);
}

TEST(RelocationTest, MovesByWholeBricksShareThem) {
  SetVoxels noise;
  std::mt19937 rng(1);
  for (int i = 0; i < 4096; ++i) {
    noise.positions.push_back({i & 15, i >> 4 & 15, i >> 8});
    noise.colors.push_back(static_cast<Color>(rng() | 1));
  }
  const Volume before = AppliedTo(Volume(), {EditOf(noise)});
  const Volume after =
      AppliedTo(before, {EditOf(MoveBox{{{0, 0, 0}, {16, 16, 16}}, {64, -32, 16}, false})});
  EXPECT_EQ(after.CellAt({64, -32, 16}).brick, before.CellAt({0, 0, 0}).brick);
  EXPECT_EQ(after.CountVoxels(), 4096);
}

}  // namespace
}  // namespace voxel
