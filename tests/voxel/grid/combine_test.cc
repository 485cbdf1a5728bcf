#include "voxel/grid/combine.h"

#include <iterator>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "tests/voxel/grid/test_kernels.h"
#include "voxel/base/error.h"
#include "voxel/grid/diff.h"

namespace voxel {
namespace {

constexpr Color kGlass = Rgba(0, 0, 255, 100);

Volume Ball(Coord center, int radius, Color color) {
  VolumeEditor editor{Volume()};
  const Coord r{radius, radius, radius};
  const Box box{center - r, center + r + Coord{1, 1, 1}};
  MapCount count;
  if (!editor.MapRegion(box, BallKernel(center, radius, Paint(color)), TaskContext(), count).ok()) {
    return Volume();
  }
  for (int i = 0; i < radius; ++i) editor.Set(center + Coord{i, 0, 0}, Rgba(i & 255, 9, 9));
  return editor.Commit();
}

Volume BlendOk(const Volume& bottom, const Volume& top, Mode mode, uint32_t opacity = 255) {
  return *BlendVolumes(bottom, top, mode, opacity, TaskContext());
}

TEST(BlendVolumesTest, EmptyTopsShareTheBottom) {
  const Volume ball = Ball({0, 0, 0}, 40, kRed);
  EXPECT_TRUE(BlendOk(ball, Volume(), Mode::kOver).SharesRoot(ball));
  EXPECT_TRUE(BlendOk(ball, Volume(), Mode::kReplace).SharesRoot(ball));
  EXPECT_TRUE(BlendOk(Volume(), ball, Mode::kOver).SharesRoot(ball));
  EXPECT_TRUE(BlendOk(ball, Volume(), Mode::kIntersect).empty());
  EXPECT_TRUE(BlendOk(Volume(), ball, Mode::kSub).empty());
}

TEST(BlendVolumesTest, OpaqueOverItselfChangesNothing) {
  const Volume ball = Ball({0, 0, 0}, 40, kRed);
  EXPECT_TRUE(BlendOk(ball, ball, Mode::kOver).SharesRoot(ball));
}

TEST(BlendVolumesTest, AgreesWithTheModeVoxelByVoxel) {
  const Volume a = Ball({0, 0, 0}, 30, kGlass);
  const Volume b = Ball({20, 9, -3}, 25, kRed);
  for (int mode = 1; mode <= 9; ++mode) {
    for (uint32_t opacity : {255u, 128u, 0u}) {
      const Volume out = BlendOk(a, b, static_cast<Mode>(mode), opacity);
      VolumeReader below(a);
      VolumeReader paint(b);
      VolumeReader met(out);
      for (int z = -40; z < 40; z += 3) {
        for (int y = -40; y < 40; y += 2) {
          for (int x = -40; x < 60; ++x) {
            const Color top = paint.Get({x, y, z});
            const Color scaled = Rgba(Red(top), Green(top), Blue(top), Alpha(top) * opacity / 255);
            const bool paints = scaled != kAir || ActsOutside(static_cast<Mode>(mode));
            const Color old = below.Get({x, y, z});
            const Color expected = paints ? Blend(static_cast<Mode>(mode), old, scaled) : old;
            ASSERT_EQ(met.Get({x, y, z}), expected) << mode << " " << opacity;
          }
        }
      }
    }
  }
}

TEST(BlendVolumesTest, StopsWhenCancelled) {
  CancelToken token;
  token.Cancel();
  TaskContext context;
  context.cancel = &token;
  const auto out = BlendVolumes(Ball({0, 0, 0}, 30, kRed), Ball({9, 0, 0}, 30, kGlass), Mode::kOver,
                                255, context);
  EXPECT_EQ(ReasonOf(out.status()), "CALL_CANCELLED");
}

TEST(TransformVolumeTest, MovesByWholeBricksShareThem) {
  const Volume ball = Ball({0, 0, 0}, 60, kRed);
  for (int32_t step : {16, 64, 256, 1024, -2048}) {
    const Volume moved = *TransformVolume(ball, {Rotation(), {step, 0, -step}}, TaskContext());
    EXPECT_EQ(moved.CountVoxels(), ball.CountVoxels());
    EXPECT_EQ(moved.CellAt({step, 48, -step}).brick, ball.CellAt({0, 48, 0}).brick) << step;
    const Volume back = *TransformVolume(moved, {Rotation(), {-step, 0, step}}, TaskContext());
    EXPECT_EQ(back.ContentHash(), ball.ContentHash());
  }
}

TEST(TransformVolumeTest, EveryRotationMovesEachVoxelWhereItBelongs) {
  const Volume ball = Ball({5, -8, 11}, 13, kRed);
  for (uint32_t byte = 0; byte < 128; ++byte) {
    const auto rotation = Rotation::FromByte(byte);
    if (!rotation) continue;
    const Transform transform{*rotation, {7, -100, 33}};
    const Volume moved = *TransformVolume(ball, transform, TaskContext());
    EXPECT_EQ(moved.CountVoxels(), ball.CountVoxels());
    EXPECT_EQ(moved.Bounds(), transform.Apply(ball.Bounds()));
    for (int i = -20; i < 40; ++i) {
      for (const Coord c : {Coord{i, -8, 11}, Coord{5, i, 11}, Coord{5, -8, i}, Coord{i, i, i}}) {
        ASSERT_EQ(moved.Get(transform.Apply(c)), ball.Get(c));
      }
    }
    const Volume back = *TransformVolume(moved, transform.Inverse(), TaskContext());
    EXPECT_EQ(back.ContentHash(), ball.ContentHash());
  }
}

TEST(TransformVolumeTest, HugeUniformCubesStayCheap) {
  VolumeEditor editor{Volume()};
  FillBox(editor, {{0, 0, 0}, {1024, 1024, 1024}}, kRed);
  const Volume cube = editor.Commit();
  const Volume moved =
      *TransformVolume(cube, {Rotation::Quarter(Axis::kX, 1), {3, 3, 3}}, TaskContext());
  EXPECT_EQ(moved.CountVoxels(), cube.CountVoxels());
  EXPECT_LT(moved.Bytes(), int64_t{30} << 20);
}

TEST(TransformVolumeTest, RefusesToLeaveTheWorld) {
  VolumeEditor editor{Volume()};
  editor.Set({kMaxCoord - 10, 0, 0}, kRed);
  const Volume volume = editor.Commit();
  EXPECT_TRUE(TransformVolume(volume, {Rotation(), {9, 0, 0}}, TaskContext()).ok());
  const auto out = TransformVolume(volume, {Rotation(), {10, 0, 0}}, TaskContext());
  EXPECT_EQ(ReasonOf(out.status()), "OUT_OF_WORLD");
  EXPECT_FALSE(
      TransformVolume(volume, {Rotation::Mirror(Axis::kX), {-20, 0, 0}}, TaskContext()).ok());
  EXPECT_FALSE(TransformVolume(volume, {Rotation(), {2000000000, 0, 0}}, TaskContext()).ok());
}

TEST(DiffTest, CountsWhatCameWentAndChangedColour) {
  VolumeEditor editor(Ball({0, 0, 0}, 40, kRed));
  const Volume before = editor.Snapshot();
  editor.Set({100, 0, 0}, kRed);   // added
  editor.Set({0, 0, 39}, kAir);    // removed
  editor.Set({0, 30, 0}, kGlass);  // recoloured
  editor.Set({5, 30, 0}, kGlass);
  const Volume after = editor.Commit();
  const VolumeDiff diff = Diff(before, after);
  EXPECT_EQ(diff.added, 1);
  EXPECT_EQ(diff.removed, 1);
  EXPECT_EQ(diff.recolored, 2);
  EXPECT_EQ(diff.total(), 4);
  EXPECT_EQ(diff.bounds, (Box{{0, 0, 0}, {101, 31, 40}}));
  EXPECT_EQ(Diff(after, before).added, 1);
  EXPECT_EQ(Diff(before, after, {{0, 30, 0}, {1, 31, 1}}).total(), 1);
  EXPECT_TRUE(Diff(before, before).bounds.empty());
}

TEST(DiffTest, EqualContentMadeApartDoesNotDiffer) {
  const Volume a = Ball({0, 0, 0}, 40, kRed);
  const Volume b = Ball({0, 0, 0}, 40, kRed);
  EXPECT_FALSE(a.SharesRoot(b));
  EXPECT_EQ(Diff(a, b).total(), 0);
  ForEachChangedCell(a, b, kWorld, [](const Cell& was, const Cell&) {
    ADD_FAILURE() << "a cell at " << was.min.x;
    return false;
  });
}

TEST(DiffTest, UniformCubesAreComparedWhole) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 1024, kRed);
  const Volume cube = editor.Commit();
  int cells = 0;
  ForEachChangedCell(Volume(), cube, kWorld, [&](const Cell& was, const Cell& is) {
    EXPECT_EQ(was.size, 1024);
    EXPECT_EQ(is.color, kRed);
    ++cells;
    return true;
  });
  EXPECT_EQ(cells, 1);
  EXPECT_EQ(Diff(Volume(), cube).added, int64_t{1} << 30);
}

// One that differs from an empty one in so many nodes of 64^3.
Volume Spread(int nodes) {
  VolumeEditor editor{Volume()};
  for (int i = 0; i < nodes; ++i) editor.Set({64 * i, 100 * (i % 3), 0}, kRed);
  return editor.Commit();
}

TEST(DiffTest, SeveralAreComparedAsEachAlone) {
  const Volume ball = Ball({0, 0, 0}, 40, kRed);
  const Volume moved = Ball({3, 0, 0}, 40, kRed);
  const Volume cube = [] {
    VolumeEditor editor{Volume()};
    editor.PutCube({0, 0, 0}, 256, kGlass);
    return editor.Commit();
  }();
  const VolumePair pairs[] = {{ball, moved}, {ball, ball}, {cube, ball}, {Volume(), cube}};
  for (const Box& box : {kWorld, Box{{-20, -20, -20}, {41, 7, 300}}}) {
    const auto diffs = DiffAll(pairs, box, TaskContext());
    ASSERT_TRUE(diffs.ok());
    ASSERT_EQ(diffs->size(), std::size(pairs));
    for (size_t i = 0; i < std::size(pairs); ++i) {
      const VolumeDiff alone = Diff(pairs[i].before, pairs[i].after, box);
      EXPECT_EQ((*diffs)[i].added, alone.added);
      EXPECT_EQ((*diffs)[i].removed, alone.removed);
      EXPECT_EQ((*diffs)[i].recolored, alone.recolored);
      EXPECT_EQ((*diffs)[i].bounds, alone.bounds);
    }
  }
}

TEST(DiffTest, SeveralTellOneProgressByTheirNodes) {
  const Volume many = Spread(40);
  const VolumePair pairs[] = {
      {Volume(), Spread(9)}, {many, many}, {many, Volume()}, {Volume(), Spread(1)}};
  std::vector<double> seen;
  TaskContext context;
  context.progress = [&seen](double fraction) { seen.push_back(fraction); };
  ASSERT_TRUE(DiffAll(pairs, kWorld, context).ok());
  ASSERT_EQ(seen.size(), 50u);
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_DOUBLE_EQ(seen[i], static_cast<double>(i + 1) / 50);
  }
}

TEST(DiffTest, SeveralStopInTheMiddle) {
  const VolumePair pairs[] = {{Volume(), Spread(30)}, {Spread(30), Volume()}};
  CancelToken cancel;
  TaskContext context;
  context.cancel = &cancel;
  double last = 0;
  context.progress = [&](double fraction) {
    last = fraction;
    if (fraction > 0.3) cancel.Cancel();
  };
  EXPECT_EQ(ReasonOf(DiffAll(pairs, kWorld, context).status()), "CALL_CANCELLED");
  EXPECT_LT(last, 0.4);
}

TEST(DiffTest, WalkingStopsWhenToldTo) {
  int cells = 0;
  ForEachChangedCell(Volume(), Ball({0, 0, 0}, 60, kRed), kWorld,
                     [&](const Cell&, const Cell&) { return ++cells < 5; });
  EXPECT_EQ(cells, 5);
}

}  // namespace
}  // namespace voxel
