#include "voxel/grid/volume_editor.h"

#include <limits>

#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "tests/voxel/grid/test_kernels.h"
#include "voxel/base/error.h"
#include "voxel/grid/mode.h"

namespace voxel {
namespace {

Volume Solid(const Box& box, Color color) {
  VolumeEditor editor{Volume()};
  FillBox(editor, box, color);
  return editor.Commit();
}

// Many bricks of many colours in [0, 100)^3.
Volume Colorful() {
  VolumeEditor editor{Volume()};
  for (int z = 0; z < 100; z += 3) {
    for (int y = 0; y < 100; ++y) {
      for (int x = 0; x < 100; ++x) {
        editor.Set({x, y, z}, Rgba(static_cast<uint32_t>(x), static_cast<uint32_t>(y / 30), 5));
      }
    }
  }
  return editor.Commit();
}

TEST(VolumeEditorTest, TheBaseStaysAsItWas) {
  const Volume base = Colorful();
  const uint64_t hash = base.ContentHash();
  VolumeEditor editor(base);
  FillBox(editor, {{-5, -5, -5}, {50, 200, 50}}, kRed);
  for (int i = 0; i < 100; ++i) editor.Set({i, i, i}, kBlue);
  editor.PutCube({0, 0, 0}, 16, kAir);
  const Volume edited = editor.Commit();
  EXPECT_NE(edited.ContentHash(), hash);
  EXPECT_EQ(base.Get({3, 3, 3}), Rgba(3, 0, 5));
  VolumeEditor again(base);
  again.Set({3, 3, 3}, kRed);
  again.Set({3, 3, 3}, Rgba(3, 0, 5));
  EXPECT_TRUE(again.Commit().SharesRoot(base));
}

TEST(VolumeEditorTest, AChangeTakenBackIsNoChange) {
  const Volume base = Colorful();
  VolumeEditor editor(base);
  DenseBrick brick;
  BrickDecode(base.CellAt({16, 16, 16}).brick, brick);
  editor.PutCube({16, 16, 16}, 16, kRed);
  editor.Snapshot();
  editor.PutBrick({16, 16, 16}, brick);
  editor.Set({5000, 5000, 5000}, kRed);
  editor.Set({5000, 5000, 5000}, kAir);
  EXPECT_TRUE(editor.Commit().SharesRoot(base));
}

TEST(VolumeEditorTest, WritingWhatIsThereCopiesNothing) {
  const Volume base = Colorful();
  VolumeEditor editor(base);
  for (int x = 0; x < 100; ++x) editor.Set({x, 9, 9}, base.Get({x, 9, 9}));
  editor.Set({4000, 1, 1}, kAir);
  editor.PutCube({1024, 0, 0}, 1024, kAir);
  const MapCount count = FillBox(editor, {{200, 200, 200}, {300, 300, 300}}, kAir);
  EXPECT_EQ(count.inside, 1000000);
  EXPECT_EQ(count.changed, 0);
  EXPECT_EQ(editor.new_bytes(), 0);
}

TEST(VolumeEditorTest, SnapshotsAreNotTouchedByWhatFollows) {
  VolumeEditor editor(Colorful());
  editor.Set({1, 1, 0}, kRed);
  const Volume first = editor.Snapshot();
  const uint64_t hash = first.ContentHash();
  editor.Set({1, 1, 0}, kBlue);
  FillBox(editor, {{0, 0, 0}, {300, 300, 300}}, kBlue);
  const Volume second = editor.Snapshot();
  EXPECT_EQ(first.Get({1, 1, 0}), kRed);
  EXPECT_EQ(first.CountVoxels(), Colorful().CountVoxels());
  EXPECT_EQ(second.CountVoxels(), 27000000);
  editor.Set({1, 1, 0}, kRed);
  EXPECT_EQ(second.Get({1, 1, 0}), kBlue);
  EXPECT_EQ(first.ContentHash(), hash);
}

TEST(VolumeEditorTest, AnOwnSnapshotsBrickMayBePutBackElsewhere) {
  VolumeEditor editor(Colorful());
  editor.Set({0, 0, 0}, kRed);
  const Volume snapshot = editor.Snapshot();
  editor.ShareBrick({160, 160, 160}, snapshot.CellAt({0, 0, 0}).brick);
  editor.Set({160, 160, 160}, kBlue);  // writes a copy
  EXPECT_EQ(snapshot.Get({0, 0, 0}), kRed);
  const Volume after = editor.Commit();
  EXPECT_EQ(after.Get({0, 0, 0}), kRed);
  EXPECT_EQ(after.Get({160, 160, 160}), kBlue);
  EXPECT_EQ(after.Get({161, 160, 160}), snapshot.Get({1, 0, 0}));
}

TEST(VolumeEditorTest, FillsCountInsideAndChangedExactly) {
  VolumeEditor editor{Volume()};
  const Box box{{-7, 3, 60}, {130, 70, 300}};
  MapCount count = FillBox(editor, box, kRed);
  EXPECT_EQ(count.inside, box.Voxels());
  EXPECT_EQ(count.changed, box.Voxels());
  count = FillBox(editor, box, kRed);
  EXPECT_EQ(count.inside, box.Voxels());
  EXPECT_EQ(count.changed, 0);
  const Box half{{-7, 3, 60}, {50, 70, 300}};
  FillBox(editor, half, kBlue);
  count = FillBox(editor, box, kRed);
  EXPECT_EQ(count.changed, half.Voxels());
}

TEST(VolumeEditorTest, MapsAddToTheCountTheyAreGiven) {
  VolumeEditor editor{Volume()};
  MapCount count{100, 10};
  const Box box{{0, 0, 0}, {3, 1, 1}};
  ASSERT_TRUE(editor.MapRegion(box, BoxKernel(box, Paint(kRed)), TaskContext(), count).ok());
  EXPECT_EQ(count.inside, 103);
  EXPECT_EQ(count.changed, 13);
}

TEST(VolumeEditorTest, RecolouringKeepsShapesAndMergesColours) {
  const Volume base = Colorful();
  VolumeEditor editor(base);
  MapCount count;
  const VoxelMap to_red = [](Color c) { return c == kAir ? kAir : kRed; };
  ASSERT_TRUE(editor.MapRegion(kWorld, BoxKernel(kWorld, to_red), TaskContext(), count).ok());
  const Volume red = editor.Commit();
  EXPECT_EQ(count.changed, base.CountVoxels());
  EXPECT_EQ(count.inside, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(red.CountVoxels(), base.CountVoxels());
  EXPECT_LT(red.Bytes(), base.Bytes() / 2) << "palettes of one colour need no indices";
}

TEST(VolumeEditorTest, TheWholeWorldCanBeCleared) {
  VolumeEditor editor(Colorful());
  editor.Set({kMinCoord, kMaxCoord - 1, 0}, kRed);
  const MapCount count = FillBox(editor, kWorld, kAir);
  EXPECT_EQ(count.changed, Colorful().CountVoxels() + 1);
  EXPECT_TRUE(editor.Commit().empty());
}

TEST(VolumeEditorTest, BoxesReachingOverTheWorldAreCutToIt) {
  VolumeEditor editor{Volume()};
  const Box over{{kMaxCoord - 2, kMaxCoord - 3, kMaxCoord - 4},
                 {kMaxCoord + 50, kMaxCoord + 50, kMaxCoord + 50}};
  const MapCount count = FillBox(editor, over, kRed);
  EXPECT_EQ(count.inside, 24);
  EXPECT_EQ(editor.Commit().Bounds().max, kWorld.max);
}

TEST(VolumeEditorTest, AHugeThinBoxIsFilledRegionByRegion) {
  VolumeEditor editor{Volume()};
  const Box rod{{-500000, 5, 5}, {500000, 6, 7}};
  EXPECT_EQ(FillBox(editor, rod, kRed).changed, 2000000);
  EXPECT_EQ(editor.Commit().Bounds(), rod);
}

TEST(VolumeEditorTest, IntersectionsActOutsideTheShapeButInTheBox) {
  VolumeEditor editor(Solid({{0, 0, 0}, {100, 100, 100}}, kRed));
  const Box shape{{10, 10, 10}, {20, 20, 20}};
  const Box box{{0, 0, 0}, {50, 100, 100}};
  const BoxKernel kernel(
      shape, [](Color c) { return Blend(Mode::kIntersect, c, kBlue); },
      [](Color c) { return Blend(Mode::kIntersect, c, kAir); });
  MapCount count;
  ASSERT_TRUE(editor.MapRegion(box, kernel, TaskContext(), count).ok());
  EXPECT_EQ(count.inside, 1000);
  EXPECT_EQ(count.changed, 500000 - 1000);
  EXPECT_EQ(editor.Commit().CountVoxels(), 500000 + 1000);
}

TEST(VolumeEditorTest, StopsWhenCancelled) {
  CancelToken token;
  token.Cancel();
  TaskContext context;
  context.cancel = &token;
  VolumeEditor editor(Colorful());
  MapCount count;
  const Box box{{1, 1, 1}, {90, 90, 90}};
  const absl::Status status = editor.MapRegion(box, BoxKernel(box, Paint(kRed)), context, count);
  EXPECT_EQ(ReasonOf(status), "CALL_CANCELLED");
}

TEST(VolumeEditorTest, StopsInTheMiddleWithoutLeaks) {
  // Cancels itself after some bricks; what was made until then belongs to the editor and goes with
  // it.
  class Cancelling : public BoxKernel {
   public:
    Cancelling(const Box& box, CancelToken& token, int after)
        : BoxKernel(box, Paint(kRed)), token_(token), left_(after) {}
    void Mask(Coord min, BrickMask& mask) const override {
      if (--left_ == 0) token_.Cancel();
      BoxKernel::Mask(min, mask);
    }

   private:
    CancelToken& token_;
    mutable int left_;
  };
  for (int after : {1, 2, 10, 50, 100}) {
    CancelToken token;
    TaskContext context;
    context.cancel = &token;
    VolumeEditor editor(Colorful());
    const Box box{{1, 1, 1}, {95, 95, 95}};
    MapCount count;
    const Cancelling kernel(box, token, after);
    EXPECT_EQ(ReasonOf(editor.MapRegion(box, kernel, context, count)), "CALL_CANCELLED");
    EXPECT_LT(count.inside, box.Voxels());
  }
}

TEST(VolumeEditorTest, StopsWhenTheMemoryIsSpent) {
  TaskContext context;
  context.max_new_bytes = 1 << 20;
  VolumeEditor editor{Volume()};
  MapCount count;
  const Box box{{3, 3, 3}, {2003, 2003, 2003}};
  const absl::Status status = editor.MapRegion(box, BoxKernel(box, Paint(kRed)), context, count);
  EXPECT_EQ(ReasonOf(status), "LIMIT_MEMORY");
  EXPECT_LT(editor.new_bytes(), 2 << 20);
}

TEST(VolumeEditorTest, KnowsTheMemoryItAdded) {
  const Volume base = Colorful();
  VolumeEditor editor(base);
  EXPECT_EQ(editor.new_bytes(), 0);
  FillBox(editor, {{1, 1, 1}, {80, 80, 80}}, kRed);
  for (int i = 0; i < 1000; ++i) editor.Set({i, 3, 3}, Rgba(i & 255, i >> 8, 77));
  for (int i = 0; i < 1000; ++i) editor.Set({200, i, 3}, kBlue);
  const Volume snapshot = editor.Snapshot();
  EXPECT_GE(editor.new_bytes(), snapshot.BytesNotIn(base));
  EXPECT_LE(editor.new_bytes(), snapshot.BytesNotIn(base) + 4096);
  FillBox(editor, kWorld, kAir);
  EXPECT_LE(editor.new_bytes(), snapshot.BytesNotIn(base));
}

TEST(VolumeEditorTest, CubesOfEverySizeCollapseAndSplit) {
  for (int32_t size : {16, 64, 256, 1024}) {
    VolumeEditor editor{Volume()};
    editor.PutCube({-size, 0, size}, size, kRed);
    const Volume cube = editor.Commit();
    EXPECT_EQ(cube.CountVoxels(), int64_t{size} * size * size);
    VolumeEditor hole(cube);
    hole.Set({-1, 0, size}, kAir);
    const Volume holed = hole.Commit();
    EXPECT_EQ(holed.CountVoxels(), cube.CountVoxels() - 1);
    VolumeEditor filled(holed);
    filled.Set({-1, 0, size}, kRed);
    const Volume again = filled.Commit();
    EXPECT_EQ(again.ContentHash(), cube.ContentHash());
    EXPECT_EQ(again.Bytes(), cube.Bytes());
  }
}

TEST(VolumeEditorTest, MisplacedCubesAreADefectOfTheCaller) {
  VolumeEditor editor{Volume()};
  EXPECT_DEATH(editor.PutCube({8, 0, 0}, 16, kRed), "check failed");
  EXPECT_DEATH(editor.PutCube({0, 0, 0}, 32, kRed), "check failed");
}

}  // namespace
}  // namespace voxel
