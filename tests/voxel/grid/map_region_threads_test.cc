// One thread and several give the same volume, the same counts and the same memory.
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "test_kernels.h"
#include "tests/support/colors.h"
#include "voxel/base/error.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

Color Darker(Color c) { return c == kAir ? kAir : Rgba(Red(c) / 2, Green(c), Blue(c)); }
Color Paint(Color) { return kRed; }

// Uniform, palette and raw cubes, on both sides of a region's border.
Volume Ground() {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 256, Rgba(9, 9, 9));
  editor.PutCube({-64, 0, 0}, 64, Rgba(8, 8, 8));
  uint32_t random = 1;
  for (int i = 0; i < 200000; ++i) {
    random = random * 1664525 + 1013904223;
    const auto at = [random](int shift) {
      return static_cast<int32_t>(random >> shift & 255) - 64;
    };
    editor.Set({at(8), at(13), at(18)}, Rgba(random >> 24, i < 100000 ? 1 : random >> 16 & 255, 7));
  }
  return editor.Commit();
}

struct Outcome {
  uint64_t hash;
  int64_t inside, changed, new_bytes;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome MapWith(const Volume& base, const RegionKernel& kernel, int threads) {
  VolumeEditor editor(base);
  TaskContext context;
  context.threads = threads;
  MapCount count;
  EXPECT_TRUE(editor.MapRegion({{-200, -200, -200}, {300, 301, 302}}, kernel, context, count).ok());
  const int64_t bytes = editor.new_bytes();
  return {editor.Commit().ContentHash(), count.inside, count.changed, bytes};
}

TEST(MapRegionThreadsTest, AnyNumberGivesTheSame) {
  const Volume base = Ground();
  const BallKernel paint({40, 50, 60}, 150, Paint);
  const BallKernel darken({40, 50, 60}, 150, Darker);
  const BoxKernel both({{-30, 3, 5}, {201, 190, 188}}, Darker, Paint);
  for (const RegionKernel* kernel : std::vector<const RegionKernel*>{&paint, &darken, &both}) {
    const Outcome one = MapWith(base, *kernel, 1);
    EXPECT_NE(one.hash, base.ContentHash());
    for (int threads : {2, 3, 8}) EXPECT_EQ(MapWith(base, *kernel, threads), one) << threads;
  }
}

TEST(MapRegionThreadsTest, TheBudgetHoldsForAllTogether) {
  const Volume base = Ground();
  const BallKernel kernel({40, 50, 60}, 150, Darker);
  for (int threads : {1, 4}) {
    VolumeEditor editor(base);
    TaskContext context;
    context.threads = threads;
    context.max_new_bytes = 100000;
    MapCount count;
    const absl::Status status =
        editor.MapRegion({{-200, -200, -200}, {300, 300, 300}}, kernel, context, count);
    EXPECT_EQ(ReasonOf(status), "LIMIT_MEMORY");
    // A brick more than allowed per thread, and the nodes above.
    EXPECT_LT(editor.new_bytes(), context.max_new_bytes + threads * (int64_t{1} << 20));
    EXPECT_EQ(base.ContentHash(), Ground().ContentHash());
  }
}

}  // namespace
}  // namespace voxel
