#include "voxel/grid/set_places.h"

#include <cstddef>
#include <random>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/base/slab_allocator.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

// What the large transaction makes of the same places.
Volume ByEditor(const Volume& base, const std::vector<Coord>& places,
                const std::vector<Color>& colors) {
  VolumeEditor editor(base);
  editor.SetMany(places, colors);
  return editor.Commit();
}

void ExpectSame(const PlacesChange& change, const Volume& base, const Volume& expected) {
  EXPECT_TRUE(SameVoxels(change.volume, expected));
  EXPECT_EQ(change.volume.ContentHash(), expected.ContentHash());
  EXPECT_EQ(change.volume.CountVoxels(), expected.CountVoxels());
  EXPECT_EQ(change.volume.Bytes(), expected.Bytes());
  const VolumeDiff diff = Diff(base, expected);
  EXPECT_EQ(change.changed, diff.total());
  EXPECT_EQ(change.bounds, diff.bounds);
  EXPECT_EQ(change.let_go_bytes, base.BytesNotIn(change.volume));
  if (change.changed == 0) {
    EXPECT_TRUE(change.volume.SharesRoot(base));
  }
}

TEST(SetPlacesTest, RandomSetsAreWhatTheEditorMakesOfThem) {
  std::mt19937 random(1);
  const auto below = [&random](uint32_t n) { return static_cast<int32_t>(random() % n); };
  for (const uint32_t most_colors : {1u, 2u, 14u, 20u, 300u, 5000u}) {
    Volume volume;
    for (int step = 0; step < 400; ++step) {
      // Few bricks, some far off and at negative places, so that they are met again and again; all
      // places of a step in one of them, or each in any.
      const auto some_brick = [&]() -> Coord {
        return {(below(3) - 1) * 16, below(2) * 1024, (below(2) - 1) * 64};
      };
      const bool many_bricks = step % 2 == 0;
      Coord min = some_brick();
      std::vector<Coord> places;
      std::vector<Color> colors;
      for (int n = 1 + below(step % 7 == 0 ? 1000 : 8); n > 0; --n) {
        if (many_bricks) min = some_brick();
        places.push_back(min + Coord{below(16), below(16), below(16)});
        const auto pick = static_cast<uint32_t>(below(most_colors + 1));
        colors.push_back(pick == 0 ? kAir : Rgba(pick & 255, pick >> 8, 7));
      }
      const PlacesChange change = SetPlaces(volume, places, colors);
      ExpectSame(change, volume, ByEditor(volume, places, colors));
      if (HasFailure()) FAIL() << "step " << step << " with " << most_colors << " colours";
      volume = change.volume;
    }
  }
}

// Around as many voxels as a sparse brick holds, from both sides.
TEST(SetPlacesTest, BricksOfFewVoxelsGrowAndShrink) {
  std::mt19937 random(5);
  const auto below = [&random](uint32_t n) { return static_cast<int32_t>(random() % n); };
  for (const uint32_t most_colors : {1u, 2u, 16u, 17u, 90u}) {
    Volume volume;
    for (int step = 0; step < 1500; ++step) {
      std::vector<Coord> places;
      std::vector<Color> colors;
      // Among few places, so that they are met again: up and down between none and some ninety.
      const bool grows = step % 120 < 60;
      for (int n = 1 + below(5); n > 0; --n) {
        const int place = below(90) * 1367 & 4095;
        places.push_back({place & 15, place >> 4 & 15, place >> 8});
        const auto pick = static_cast<uint32_t>(below(most_colors));
        const bool air = below(8) < (grows ? 1 : 6);
        colors.push_back(air ? kAir : Rgba(pick, 1, 7));
      }
      const PlacesChange change = SetPlaces(volume, places, colors);
      ExpectSame(change, volume, ByEditor(volume, places, colors));
      if (HasFailure()) FAIL() << "step " << step << " with " << most_colors << " colours";
      volume = change.volume;
    }
  }
}

TEST(SetPlacesTest, AsManyWritesAsASparseBrickHoldsAndOneMore) {
  for (const int before : {0, 1, 32, 63, 64}) {
    for (const int writes : {63 - before, 64 - before, 65 - before}) {
      std::vector<Coord> places;
      std::vector<Color> colors;
      const auto add = [&](int first, int count) {
        for (int i = first; i < first + count; ++i) {
          const int place = i * 1367 & 4095;
          places.push_back({place & 15, place >> 4 & 15, place >> 8});
          colors.push_back(Rgba(static_cast<uint32_t>(i), 1, 7));
        }
      };
      add(0, before);
      const Volume base = before == 0 ? Volume() : SetPlaces(Volume(), places, colors).volume;
      places.clear();
      colors.clear();
      add(before, writes);
      if (places.empty() || writes < 0) continue;
      ExpectSame(SetPlaces(base, places, colors), base, ByEditor(base, places, colors));
    }
  }
}

TEST(SetPlacesTest, CubesOfOneColorAreBrokenAndMadeWhole) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 1024, Rgba(1, 2, 3));
  const Volume whole = editor.Commit();
  const Coord place{500, 501, 502};
  const std::vector<Color> hole = {kAir};
  const PlacesChange broken = SetPlaces(whole, {&place, 1}, hole);
  ExpectSame(broken, whole, ByEditor(whole, {place}, hole));
  const std::vector<Color> filling = {Rgba(1, 2, 3)};
  const PlacesChange mended = SetPlaces(broken.volume, {&place, 1}, filling);
  EXPECT_EQ(mended.volume.ContentHash(), whole.ContentHash());
  EXPECT_EQ(mended.volume.Bytes(), whole.Bytes());
  EXPECT_EQ(mended.let_go_bytes, broken.volume.BytesNotIn(mended.volume));
}

TEST(SetPlacesTest, TheLastVoxelLeavesNothing) {
  const Coord place{-1, -1, -1};
  const std::vector<Color> red = {Rgba(255, 0, 0)};
  const std::vector<Color> air = {kAir};
  const PlacesChange one = SetPlaces(Volume(), {&place, 1}, red);
  EXPECT_EQ(one.volume.CountVoxels(), 1);
  EXPECT_EQ(one.let_go_bytes, 0);
  const PlacesChange none = SetPlaces(one.volume, {&place, 1}, air);
  EXPECT_TRUE(none.volume.empty());
  EXPECT_EQ(none.changed, 1);
}

TEST(SetPlacesTest, OfEqualPlacesTheLastCounts) {
  const std::vector<Coord> places = {{1, 1, 1}, {2, 1, 1}, {1, 1, 1}};
  const std::vector<Color> colors = {Rgba(1, 1, 1), Rgba(2, 2, 2), Rgba(3, 3, 3)};
  const PlacesChange change = SetPlaces(Volume(), places, colors);
  EXPECT_EQ(change.changed, 2);
  EXPECT_EQ(change.volume.Get({1, 1, 1}), Rgba(3, 3, 3));
  const PlacesChange again = SetPlaces(change.volume, places, colors);
  EXPECT_EQ(again.changed, 0);
  EXPECT_EQ(again.unchanged, 2);
  EXPECT_TRUE(again.bounds.empty());
}

TEST(SetPlacesTest, AsManyBricksAndRegionsAsPlaces) {
  std::vector<Coord> places;
  std::vector<Color> colors;
  for (int32_t i = 0; i < static_cast<int32_t>(kMostPlaces); ++i) {
    places.push_back({(i % 2 == 0 ? i : -i) * 100, i * 777, kMinCoord + i % 3 * 1024});
    colors.push_back(Rgba(1, static_cast<uint32_t>(i) & 255, 2));
  }
  const PlacesChange change = SetPlaces(Volume(), places, colors);
  ExpectSame(change, Volume(), ByEditor(Volume(), places, colors));
  // Every second one is taken away again, and the last of the world's corners set.
  for (size_t i = 0; i < colors.size(); i += 2) colors[i] = kAir;
  places.back() = {kMaxCoord - 1, kMaxCoord - 1, kMaxCoord - 1};
  const PlacesChange next = SetPlaces(change.volume, places, colors);
  ExpectSame(next, change.volume, ByEditor(change.volume, places, colors));
}

// Places that are children of one thing each, and a volume of them with what each is known to hold.
struct Siblings {
  const char* name;
  size_t count;
  int32_t apart;

  Coord At(size_t i) const {
    const auto n = static_cast<int32_t>(i);
    return {(n & 3) * apart, (n >> 2 & 3) * apart, (n >> 4) * apart};
  }
};

struct KnownVolume {
  Volume volume;
  std::vector<Color> colors;  // of each place
};

void ExpectKnown(const KnownVolume& known, const Siblings& siblings) {
  for (size_t i = 0; i < siblings.count; ++i) {
    ASSERT_EQ(known.volume.Get(siblings.At(i)), known.colors[i]) << i;
  }
}

class SiblingsTest : public testing::TestWithParam<Siblings> {};

INSTANTIATE_TEST_SUITE_P(SetPlaces, SiblingsTest,
                         testing::Values(Siblings{"BricksOfANode", 64, 16},
                                         Siblings{"FewRegions", 9, 1024},
                                         Siblings{"Regions", 64, 1024},
                                         Siblings{"RegionsThatShareBits", 150, 1024}),
                         [](const auto& test) { return test.param.name; });

// Volumes that were made of each other share children without counting them: whichever of them ends
// first, the others keep all of theirs, and in the end nothing is left.
TEST_P(SiblingsTest, VolumesMadeOfEachOtherEndInAnyOrder) {
  const Siblings& siblings = GetParam();
  SlabFlushThread();
  const int64_t used_before = SlabUsedBytes();
  std::mt19937 random(7);
  const auto below = [&random](size_t n) { return random() % n; };
  for (int round = 0; round < 40; ++round) {
    std::vector<KnownVolume> known(1);
    known[0].colors.resize(siblings.count);
    // Long chains, bushes, and what lies between.
    const size_t most = 1 + below(30);
    for (int step = 0; step < 200; ++step) {
      const bool newest = round % 2 == 0 && below(10) != 0;
      KnownVolume next = known[newest ? known.size() - 1 : below(known.size())];
      std::vector<Coord> places;
      std::vector<Color> colors;
      for (size_t n = 1 + below(step % 20 == 0 ? 64 : 2); n > 0; --n) {
        const size_t place = below(siblings.count);
        places.push_back(siblings.At(place));
        const auto shade = static_cast<uint32_t>(below(250) + 1);
        colors.push_back(below(8) == 0 ? kAir : Rgba(shade, shade, shade));
        next.colors[place] = colors.back();
      }
      next.volume = below(9) == 0 ? ByEditor(next.volume, places, colors)
                                  : SetPlaces(next.volume, places, colors).volume;
      known.push_back(std::move(next));
      while (known.size() > most) {
        const bool oldest = below(3) != 0;
        known.erase(known.begin() + static_cast<ptrdiff_t>(oldest ? 0 : below(known.size())));
      }
      for (const KnownVolume& each : known) {
        ASSERT_NO_FATAL_FAILURE(ExpectKnown(each, siblings));
      }
    }
  }
  SlabFlushThread();
  EXPECT_EQ(SlabUsedBytes(), used_before);
}

}  // namespace
}  // namespace voxel
