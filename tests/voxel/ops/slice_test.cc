#include "voxel/ops/slice.h"

#include <algorithm>

#include "inspect_fixture.h"

namespace voxel {
namespace {

// The same voxel by voxel.
Color CellByForce(const InspectedVolume& at, const SliceSpec& spec, int32_t column,
                  int32_t row_from_below) {
  const PlaneAxes axes = PlaneAxes::Of(spec.axis);
  std::map<Color, int64_t> counts;
  for (int32_t v = 0; v < spec.step; ++v) {
    for (int32_t u = 0; u < spec.step; ++u) {
      Coord c;
      c[spec.axis] = spec.position;
      c[axes.right] = spec.area.min[axes.right] + column * spec.step + u;
      c[axes.up] = spec.area.min[axes.up] + row_from_below * spec.step + v;
      const bool inside =
          c[axes.right] < spec.area.max[axes.right] && c[axes.up] < spec.area.max[axes.up];
      if (inside && at.Solid(c)) ++counts[at.At(c)];
    }
  }
  Color most = kAir;
  for (const auto& [color, count] : counts) {
    if (most == kAir || count > counts[most]) most = color;
  }
  return most;
}

TEST(SliceTest, ShowsWhatIsThereOnAnyAxisAtAnyStep) {
  for (uint64_t seed = 0; seed < 90; ++seed) {
    InspectedVolume at(seed);
    SliceSpec spec;
    spec.axis = at.random.AnyAxis();
    spec.area = at.random.OneIn(2) ? at.random.AnyBox(28) : at.volume.Bounds();
    if (spec.area.empty()) continue;
    spec.position = spec.area.min[spec.axis] +
                    at.random.Below(static_cast<int>(spec.area.Size(static_cast<int>(spec.axis))));
    spec.step = at.random.OneIn(2) ? 1 : 1 + at.random.Below(9);
    spec.max_size = 1 + at.random.Below(40);
    const Slice slice = Got(SliceOf(at.volume, spec, TaskContext()));
    const PlaneAxes axes = PlaneAxes::Of(spec.axis);
    const auto cells = [&](Axis axis) {
      return static_cast<int32_t>((spec.area.Size(static_cast<int>(axis)) + spec.step - 1) /
                                  spec.step);
    };
    EXPECT_EQ(slice.columns, std::min(cells(axes.right), spec.max_size));
    EXPECT_EQ(slice.rows, std::min(cells(axes.up), spec.max_size));
    EXPECT_EQ(slice.truncated, slice.columns < cells(axes.right) || slice.rows < cells(axes.up));
    EXPECT_TRUE(slice.box.min[axes.right] == spec.area.min[axes.right] &&
                slice.box.min[axes.up] == spec.area.min[axes.up] &&
                slice.box.Size(static_cast<int>(spec.axis)) == 1);
    EXPECT_EQ(slice.box.max[axes.up],
              std::min(spec.area.max[axes.up], spec.area.min[axes.up] + slice.rows * spec.step));
    for (int32_t row = 0; row < slice.rows; ++row) {
      for (int32_t column = 0; column < slice.columns; ++column) {
        ASSERT_EQ(slice.At(column, row), CellByForce(at, spec, column, slice.rows - 1 - row))
            << seed << " column " << column << " row " << row;
      }
    }
  }
}

TEST(SliceTest, StandsAsTheViewsDo) {
  const Volume volume = AppliedTo(Volume(), {EditOf(SetVoxels{{{1, 2, 3}}, {Rgba(1, 1, 1)}})});
  const Box area{{0, 0, 0}, {4, 4, 4}};
  // Where the voxel stands: column from the left, row from the top.
  const auto place = [&](Axis axis, int32_t position) {
    const Slice slice = Got(SliceOf(volume, {axis, position, area, 1, 64}, TaskContext()));
    const auto found = std::find(slice.cells.begin(), slice.cells.end(), Rgba(1, 1, 1));
    EXPECT_NE(found, slice.cells.end());
    const auto at = static_cast<int>(found - slice.cells.begin());
    return std::pair(at % slice.columns, at / slice.columns);
  };
  EXPECT_EQ(place(Axis::kZ, 3), std::pair(1, 1));  // x, and y upwards
  EXPECT_EQ(place(Axis::kY, 2), std::pair(1, 0));  // x, and z upwards
  EXPECT_EQ(place(Axis::kX, 1), std::pair(2, 0));  // y, and z upwards
}

TEST(SliceTest, ACoarseStepOverAHugeBox) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 1024, Rgba(9, 9, 9));
  editor.Set({5000, 5000, 10}, Rgba(1, 2, 3));
  const Volume volume = editor.Commit();
  const Slice slice =
      Got(SliceOf(volume, {Axis::kZ, 10, {{0, 0, 0}, {8192, 8192, 1}}, 1024, 8}, TaskContext()));
  ASSERT_EQ(slice.cells.size(), 64u);
  EXPECT_EQ(slice.At(0, 7), Rgba(9, 9, 9));
  EXPECT_EQ(slice.At(4, 3), Rgba(1, 2, 3));
  EXPECT_EQ(std::count(slice.cells.begin(), slice.cells.end(), kAir), 62);
}

TEST(SliceTest, NothingHasNoCellsAndACancelledOneStops) {
  EXPECT_EQ(Got(SliceOf(Volume(), {Axis::kZ, 0, {}, 1, 64}, TaskContext())).columns, 0);
  const SliceSpec spec{Axis::kZ, 0, {{0, 0, 0}, {9, 9, 9}}, 1, 64};
  EXPECT_EQ(ReasonOf(SliceOf(Volume(), spec, Cancelled()).status()), "CALL_CANCELLED");
}

}  // namespace
}  // namespace voxel
