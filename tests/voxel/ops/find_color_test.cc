#include "voxel/ops/find_color.h"

#include <set>

#include "inspect_fixture.h"

namespace voxel {
namespace {

constexpr ListedPart kEverything{0, int64_t{1} << 40, int64_t{1} << 40};

std::vector<Coord> Positions(const FoundColor& found) {
  std::vector<Coord> positions;
  for (const ColorRun& run : found.runs) {
    for (int32_t i = 0; i < run.length; ++i) positions.push_back(run.start + Coord{i, 0, 0});
  }
  return positions;
}

TEST(FindColorTest, FindsVoxelByVoxel) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    InspectedVolume at(seed);
    const Box box = seed % 2 == 0 ? kWorld : at.random.AnyBox(24);
    const uint32_t tolerance = seed % 5 == 0 ? 0 : static_cast<uint32_t>(at.random.Below(90));
    const Color color =
        at.voxels.empty() || at.random.OneIn(4) ? Rgba(30, 30, 200) : at.voxels.begin()->second;
    const ColorMatch match(color, tolerance);
    std::set<Coord> wanted;
    std::map<Color, int64_t> colors;
    Box bounds;
    for (const auto& [c, found] : at.voxels) {
      if (!box.Contains(c) || !match(found)) continue;
      wanted.insert(c);
      ++colors[found];
      bounds = bounds.Union(BoxAt(c));
    }
    const FoundColor found = Got(FindColor(at.volume, box, match, kEverything, TaskContext()));
    EXPECT_EQ(found.voxels, static_cast<int64_t>(wanted.size()));
    EXPECT_EQ(found.listed, found.voxels);
    EXPECT_EQ(found.bounds, bounds);
    EXPECT_EQ(found.colors.size(), colors.size());
    for (size_t i = 0; i < found.colors.size(); ++i) {
      EXPECT_EQ(found.colors[i].weight, colors.at(found.colors[i].color));
      EXPECT_GE(found.colors[i == 0 ? 0 : i - 1].weight, found.colors[i].weight);
    }
    const std::vector<Coord> positions = Positions(found);
    EXPECT_EQ(std::set<Coord>(positions.begin(), positions.end()), wanted);
    EXPECT_EQ(positions.size(), wanted.size()) << "each once";
  }
}

TEST(FindColorTest, PagesOfAnySizeMakeUpTheWhole) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    InspectedVolume at(seed);
    const ColorMatch match(Rgba(128, 128, 128), 255);
    const auto whole = Positions(Got(FindColor(at.volume, kWorld, match, kEverything, {})));
    std::vector<Coord> pages;
    while (pages.size() < whole.size()) {
      ListedPart part = kEverything;
      part.skip = static_cast<int64_t>(pages.size());
      (seed % 2 == 0 ? part.most_voxels : part.most_runs) = 1 + at.random.Below(500);
      const FoundColor page = Got(FindColor(at.volume, kWorld, match, part, TaskContext()));
      EXPECT_EQ(page.voxels, static_cast<int64_t>(whole.size()));
      ASSERT_GT(page.listed, 0);
      EXPECT_LE(page.listed, part.most_voxels);
      EXPECT_LE(static_cast<int64_t>(page.runs.size()), part.most_runs);
      for (const Coord c : Positions(page)) pages.push_back(c);
    }
    EXPECT_EQ(pages, whole);
  }
}

TEST(FindColorTest, AHugeCubeIsCountedAtOnceAndPagedFromAnywhere) {
  VolumeEditor editor{Volume()};
  editor.PutCube({-1024, 0, 0}, 1024, Rgba(9, 9, 9));
  const Volume volume = editor.Commit();
  const int64_t skip = (int64_t{1} << 30) - 1025;
  const FoundColor found = Got(
      FindColor(volume, kWorld, ColorMatch(Rgba(9, 9, 9), 0), {skip, 1000, 1000}, TaskContext()));
  EXPECT_EQ(found.voxels, int64_t{1} << 30);
  EXPECT_EQ(found.runs, (std::vector<ColorRun>{{{-1, 1022, 1023}, 1}, {{-1024, 1023, 1023}, 999}}));
}

TEST(FindColorTest, StopsWhenToldOrOutOfMemory) {
  const Volume volume = Shell({{0, 0, 0}, {40, 40, 40}}, Rgba(1, 2, 3));
  const ColorMatch match(Rgba(1, 2, 3), 0);
  EXPECT_EQ(ReasonOf(FindColor(volume, kWorld, match, kEverything, Cancelled()).status()),
            "CALL_CANCELLED");
  TaskContext small;
  small.max_new_bytes = 100;
  EXPECT_EQ(ReasonOf(FindColor(volume, kWorld, match, kEverything, small).status()),
            "LIMIT_MEMORY");
}

}  // namespace
}  // namespace voxel
