#include "voxel/ops/compare.h"

#include <cstdlib>
#include <set>

#include "inspect_fixture.h"
#include "voxel/ops/color_match.h"

namespace voxel {
namespace {

double DifferenceByForce(Color a, Color b) {
  double sum = 0;
  for (const auto channel : {Red, Green, Blue, Alpha}) {
    sum += std::abs(static_cast<double>(channel(a)) - static_cast<double>(channel(b)));
  }
  return sum;
}

// An edited copy, which shares what was not touched.
Volume Changed(InspectedVolume& at) {
  Volume volume = at.volume;
  for (int i = at.random.Below(4); i >= 0; --i) {
    volume = AppliedTo(volume, {EditOf(FillBox{at.random.AnyBox(9), at.random.AnyColor(), 0}),
                                EditOf(Clear{at.random.AnyBox(9)})});
  }
  return volume;
}

TEST(CompareTest, AgreesWithAComparisonVoxelByVoxel) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    InspectedVolume at(seed);
    const Volume blueprint = seed % 7 == 0 ? InspectedVolume(seed + 1).volume : Changed(at);
    const std::map<Coord, Color> wanted = VoxelsOf(blueprint);
    CompareOptions options;
    options.box = seed % 2 == 0 ? kWorld : at.random.AnyBox(24);
    options.tolerance = seed % 3 == 0 ? static_cast<uint32_t>(at.random.Below(120)) : 0;
    options.ignore_colors = seed % 5 == 0;
    options.max_samples = 1 << 20;
    Comparison model;
    std::set<Coord> missing;
    std::set<Coord> extra;
    std::set<Coord> miscolored;
    for (const auto& [c, color] : at.voxels) {
      if (!options.box.Contains(c)) continue;
      ++model.voxels;
      const auto other = wanted.find(c);
      if (other == wanted.end()) {
        extra.insert(c);
      } else if (!options.ignore_colors && !ColorMatch(color, options.tolerance)(other->second)) {
        miscolored.insert(c);
        model.difference += DifferenceByForce(color, other->second);
      }
    }
    for (const auto& [c, color] : wanted) {
      if (!options.box.Contains(c)) continue;
      ++model.blueprint_voxels;
      if (!at.Solid(c)) missing.insert(c);
    }
    const Comparison found = Got(CompareVolumes(at.volume, blueprint, options, TaskContext()));
    EXPECT_EQ(found.voxels, model.voxels);
    EXPECT_EQ(found.blueprint_voxels, model.blueprint_voxels);
    const auto expect_kind = [&](int64_t count, const Box& bounds,
                                 const std::vector<Coord>& samples, const std::set<Coord>& all) {
      Box tight;
      for (const Coord c : all) tight = tight.Union(BoxAt(c));
      EXPECT_EQ(count, static_cast<int64_t>(all.size())) << seed;
      EXPECT_EQ(bounds, tight) << seed;
      EXPECT_EQ(std::set<Coord>(samples.begin(), samples.end()), all) << seed;
    };
    expect_kind(found.missing, found.missing_bounds, found.missing_samples, missing);
    expect_kind(found.extra, found.extra_bounds, found.extra_samples, extra);
    expect_kind(found.miscolored, found.miscolored_bounds, found.miscolored_samples, miscolored);
    EXPECT_EQ(found.difference, model.difference);
    EXPECT_GE(found.Score(), 0);
    EXPECT_LE(found.Score(), 1);
  }
}

TEST(CompareTest, ScoresByFormula) {
  // Two in both, one of them black for white; one missing, one too much.
  const Volume volume = AppliedTo(
      Volume(), {EditOf(SetVoxels{{{0, 0, 0}, {1, 0, 0}, {2, 0, 0}}, {Rgba(255, 255, 255)}})});
  const Volume blueprint =
      AppliedTo(Volume(), {EditOf(SetVoxels{{{0, 0, 0}, {1, 0, 0}, {3, 0, 0}},
                                            {Rgba(255, 255, 255), Rgba(0, 0, 0), Rgba(9, 9, 9)}})});
  const Comparison found = Got(CompareVolumes(volume, blueprint, {}, TaskContext()));
  EXPECT_EQ(found.matched(), 1);
  EXPECT_DOUBLE_EQ(found.IntersectionOverUnion(), 0.5);
  EXPECT_DOUBLE_EQ(found.MeanColorDifference(), 0.75 / 2);
  EXPECT_DOUBLE_EQ(found.Score(), 0.5 * (1 - 0.375));
  EXPECT_EQ(Got(CompareVolumes(volume, volume, {}, TaskContext())).Score(), 1);
  EXPECT_EQ(Got(CompareVolumes(Volume(), Volume(), {}, TaskContext())).Score(), 1);
  EXPECT_EQ(Got(CompareVolumes(volume, Volume(), {}, TaskContext())).Score(), 0);
}

TEST(CompareTest, UniformCubesCompareAtOnce) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 1024, Rgba(0, 0, 0));
  const Volume dark = editor.Snapshot();
  editor.PutCube({0, 0, 0}, 1024, Rgba(0, 51, 0));
  editor.PutCube({1024, 0, 0}, 1024, Rgba(0, 0, 0));
  CompareOptions options;
  options.max_samples = 3;
  const Comparison found = Got(CompareVolumes(dark, editor.Commit(), options, TaskContext()));
  EXPECT_EQ(found.miscolored, int64_t{1} << 30);
  EXPECT_EQ(found.missing, int64_t{1} << 30);
  EXPECT_DOUBLE_EQ(found.MeanColorDifference(), 0.05);
  EXPECT_EQ(found.missing_samples, (std::vector<Coord>{{1024, 0, 0}, {1025, 0, 0}, {1026, 0, 0}}));
}

TEST(CompareTest, StopsWhenTold) {
  const Volume volume = Shell({{0, 0, 0}, {9, 9, 9}}, Rgba(1, 2, 3));
  EXPECT_EQ(ReasonOf(CompareVolumes(volume, Volume(), {}, Cancelled()).status()), "CALL_CANCELLED");
}

}  // namespace
}  // namespace voxel
