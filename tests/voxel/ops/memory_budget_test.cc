// Edits that meet the memory budget: they are refused before they have taken more than the budget
// and a little, and what they took is given back.
#include <string>
#include <utility>
#include <vector>

#include "edit_fixture.h"
#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "voxel/base/error.h"
#include "voxel/base/slab_allocator.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

constexpr int64_t kMiB = 1 << 20;
constexpr Box kCube{{0, 0, 0}, {96, 96, 96}};

// 216 bricks, each of more colours than a palette holds: 3.6 MB.
const RefPtr<const Document>& Noise() {
  static const auto* const noise = [] {
    VolumeEditor editor{Volume()};
    uint32_t random = 1;
    for (int32_t z = 0; z < 96; ++z) {
      for (int32_t y = 0; y < 96; ++y) {
        for (int32_t x = 0; x < 96; ++x) {
          random = random * 1664525 + 1013904223;
          if (random >> 28 != 0) editor.Set({x, y, z}, random >> 8 << 8 | 255);
        }
      }
    }
    return new RefPtr<const Document>(OneLayer(editor.Commit()));
  }();
  return *noise;
}

SetVoxels Scattered() {
  SetVoxels op;
  op.colors = {kRed};
  uint32_t random = 1;
  for (int i = 0; i < 300000; ++i) {
    random = random * 1664525 + 1013904223;
    op.positions.push_back({static_cast<int32_t>(random >> 23),
                            static_cast<int32_t>(random >> 14 & 511),
                            static_cast<int32_t>(random >> 5 & 511)});
  }
  return op;
}

Runs ManyRuns() {
  Runs op;
  op.colors = {kRed};
  for (int32_t i = 0; i < 20000; ++i) op.runs.push_back({{i % 7, i * 3 % 500, i / 100 * 3}, 300});
  return op;
}

std::vector<std::pair<std::string, Edit>> Families() {
  CopyBox copy{kCube, "", {96, 0, 0}, 8, {97, 1, 0}};
  return {
      {"ball", EditOf(Ellipsoid{{{1, 1, 1}, {900, 900, 900}}, kRed})},
      {"hollow ball", EditOf(Ellipsoid{{{1, 1, 1}, {900, 900, 900}}, kRed, 5})},
      {"torus", EditOf(Torus{{0, 0, 0}, Axis::kZ, 900, 60, kRed})},
      {"line", EditOf(Line{{{0, 0, 0}, {9000, 5000, 3000}}, 9, kRed})},
      {"capsule", EditOf(Capsule{{0, 0, 0}, {2000, 700, 300}, 50, kRed})},
      {"set", EditOf(Scattered())},
      {"runs", EditOf(ManyRuns())},
      {"adjust", EditOf(Adjust{90, 10, 0, 0})},
      {"move", EditOf(MoveBox{kCube, {5, 3, 1}})},
      {"copies", EditOf(copy)},
      {"mirror", EditOf(Mirror{kCube, Axis::kY})},
      {"turn", EditOf(Rotate{kCube, Axis::kX, 1})},
      {"extrude", EditOf(Extrude{kCube, Axis::kX, 300})},
      {"scale", EditOf(Scale{kCube, 3, false})},
      {"scale down", EditOf(Scale{kCube, 2, true})},
      {"outline", EditOf(Outline{kRed, Neighbours::kFaces, false, 8})},
      {"hollow", EditOf(HollowOut{2})},
      {"flood", EditOf(FloodFill{{1, 1, 1}, kRed, 250, 0})},
      {"intersection", EditOf(Ellipsoid{{{1, 1, 1}, {90, 90, 90}}, kRed}, Mode::kIntersectFill)},
  };
}

TEST(MemoryBudgetTest, EditsTakeLittleMoreAndGiveItBack) {
  ASSERT_GT(Noise()->layers[0]->volume.Bytes(), 3 * kMiB);
  int refused = 0;
  for (const auto& [family, edit] : Families()) {
    for (const int64_t budget : {kMiB / 2, kMiB, 2 * kMiB, 3 * kMiB, 5 * kMiB, 8 * kMiB}) {
      SCOPED_TRACE(family + " within " + std::to_string(budget) + " bytes");
      SlabFlushThread();
      const int64_t before = SlabUsedBytes();
      TaskContext context;
      context.max_new_bytes = budget;
      // Told apart from the budget by its message; asked as often.
      context.max_total_bytes = before + budget + kMiB;
      const absl::Status status = ApplyEdits(Noise(), {edit}, context).status();
      SlabFlushThread();
      EXPECT_EQ(SlabUsedBytes(), before);
      if (status.ok()) continue;
      ++refused;
      EXPECT_EQ(ReasonOf(status), "LIMIT_MEMORY");
      EXPECT_NE(status.message().find("of memory so far"), absl::string_view::npos)
          << "more than the budget and 1 MiB: " << status;
    }
  }
  EXPECT_GT(refused, 20);
}

}  // namespace
}  // namespace voxel
