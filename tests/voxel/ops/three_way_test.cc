// The merge of volumes against its definition, voxel by voxel.
#include "voxel/ops/three_way.h"

#include <array>
#include <map>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/random_edits.h"
#include "voxel/base/error.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

struct Merged {
  Volume volume;
  ThreeWayCount count;
};

Merged Merge(const Volume& base, const Volume& ours, const Volume& theirs, Prefer prefer) {
  Merged merged;
  auto result = MergeVolumes(base, ours, theirs, prefer, TaskContext(), merged.count);
  EXPECT_TRUE(result.ok()) << result.status();
  if (result.ok()) merged.volume = *std::move(result);
  return merged;
}

// The definition.
struct Model {
  std::map<Coord, Color> voxels;
  ThreeWayCount count;
};

Model Define(const Volume& base, const Volume& ours, const Volume& theirs, Prefer prefer) {
  const auto b = VoxelsOf(base);
  const auto o = VoxelsOf(ours);
  const auto t = VoxelsOf(theirs);
  const auto at = [](const std::map<Coord, Color>& voxels, Coord c) {
    const auto it = voxels.find(c);
    return it == voxels.end() ? kAir : it->second;
  };
  Model model;
  std::map<Coord, Color> all = b;
  all.insert(o.begin(), o.end());
  all.insert(t.begin(), t.end());
  for (const auto& [c, unused] : all) {
    const Color was = at(b, c);
    const Color our = at(o, c);
    const Color their = at(t, c);
    Color result = our;
    if (their != was) {
      if (our == was) {
        result = their;
        ++model.count.taken;
      } else if (our == their) {
        ++model.count.same;
      } else {
        ++model.count.conflicts;
        if (prefer == Prefer::kTheirs) result = their;
      }
    }
    if (result != kAir) model.voxels[c] = result;
  }
  return model;
}

void ExpectAsDefined(const Volume& base, const Volume& ours, const Volume& theirs) {
  std::array<Volume, 2> results;
  int64_t conflicts = 0;
  for (const Prefer prefer : {Prefer::kOurs, Prefer::kTheirs}) {
    const Merged merged = Merge(base, ours, theirs, prefer);
    const Model model = Define(base, ours, theirs, prefer);
    EXPECT_EQ(VoxelsOf(merged.volume), model.voxels);
    EXPECT_EQ(merged.count.taken, model.count.taken);
    EXPECT_EQ(merged.count.same, model.count.same);
    EXPECT_EQ(merged.count.conflicts, model.count.conflicts);
    results[prefer == Prefer::kOurs ? 0 : 1] = merged.volume;
    conflicts = model.count.conflicts;
    // The other way round with the other preference it is the same.
    const Prefer other = prefer == Prefer::kOurs ? Prefer::kTheirs : Prefer::kOurs;
    EXPECT_EQ(Merge(base, theirs, ours, other).volume.ContentHash(), merged.volume.ContentHash());
    // Once more changes nothing more.
    EXPECT_TRUE(Merge(base, merged.volume, theirs, prefer).volume.SharesRoot(merged.volume));
  }
  EXPECT_EQ(Diff(results[0], results[1]).total(), conflicts);
}

TEST(MergeVolumesTest, VoxelByVoxelAsDefinedAfterRandomEdits) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    RandomEdits random(seed, RandomEdits::AnyArena(seed));
    const auto any = [&random](const Volume& from) {
      return AppliedTo(from, {random.Next(), random.Next(), random.Next()});
    };
    const Volume base = any(any(Volume()));
    ExpectAsDefined(base, any(base), any(base));
  }
}

// A brick of each representation: air, one colour, 4 and 8 bits a voxel, raw.
Volume BrickOf(int colors, Coord min, uint32_t seed) {
  VolumeEditor editor{Volume()};
  if (colors == 0) return editor.Commit();
  std::minstd_rand random(seed + 1);
  for (int x = 0; x < kBrickSize; ++x) {
    for (int y = 0; y < kBrickSize; ++y) {
      for (int z = 0; z < kBrickSize; ++z) {
        // Seeds share most voxels, so that all three cases meet in one brick.
        const uint32_t place = static_cast<uint32_t>(x * 256 + y * 16 + z);
        const auto other = static_cast<uint32_t>(random());
        const uint32_t mixed = other % 4 == 0 ? other >> 2 : place * 2654435761u;
        const uint32_t color = mixed % static_cast<uint32_t>(colors);
        if (colors > 1 && color == 0) continue;
        editor.Set(min + Coord{x, y, z}, (color + 1) << 8 | 255);
      }
    }
  }
  return editor.Commit();
}

TEST(MergeVolumesTest, EveryRepresentationMeetsEveryOther) {
  constexpr std::array<int, 5> kColors = {0, 1, 12, 200, 4000};
  constexpr std::array<Coord, 3> kPlaces = {Coord{0, 0, 0}, Coord{-1024, -16, 1008},
                                            Coord{kMinCoord, kMaxCoord - 16, -16}};
  uint32_t seed = 0;
  for (const int base : kColors) {
    for (const int ours : kColors) {
      for (const int theirs : kColors) {
        SCOPED_TRACE(testing::Message() << base << " " << ours << " " << theirs);
        const Coord place = kPlaces[seed % kPlaces.size()];
        ExpectAsDefined(BrickOf(base, place, seed), BrickOf(ours, place, seed + 1),
                        BrickOf(theirs, place, seed + 2));
        seed += 3;
      }
    }
  }
}

TEST(MergeVolumesTest, LargeUniformCubesAreCountedByTheVoxel) {
  const Box cube{{-1024, 0, 0}, {0, 1024, 1024}};
  const Volume base;
  const Volume theirs = AppliedTo(base, {EditOf(FillBox{cube, kRed, 0})});
  const Volume ours =
      AppliedTo(base, {EditOf(SetVoxels{{{-5, 5, 5}, {-600, 600, 600}, {-7, 7, 7}, {7, 7, 7}},
                                        {kBlue, kBlue, kRed, kBlue}})});
  const Merged kept = Merge(base, ours, theirs, Prefer::kOurs);
  EXPECT_EQ(kept.count.taken, (int64_t{1} << 30) - 3);
  EXPECT_EQ(kept.count.same, 1);
  EXPECT_EQ(kept.count.conflicts, 2);
  EXPECT_EQ(kept.volume.Get({-600, 600, 600}), kBlue);
  EXPECT_EQ(kept.volume.Get({-601, 600, 600}), kRed);
  const Merged given = Merge(base, ours, theirs, Prefer::kTheirs);
  EXPECT_EQ(given.volume.Get({-600, 600, 600}), kRed);
  EXPECT_EQ(given.volume.CountVoxels(), (int64_t{1} << 30) + 1);
  // And the way from a full cube to none.
  const Merged emptied = Merge(theirs, Volume(given.volume), base, Prefer::kOurs);
  EXPECT_EQ(emptied.count.taken, int64_t{1} << 30);
  EXPECT_EQ(emptied.volume.CountVoxels(), 1);
}

TEST(MergeVolumesTest, WhatOnlyOneSideTouchedIsSharedNotCopied) {
  const Volume base = AppliedTo(Volume(), {EditOf(FillBox{{{0, 0, 0}, {300, 300, 300}}, kRed, 0})});
  const Volume ours = AppliedTo(base, {EditOf(SetVoxels{{{1, 1, 1}}, {kBlue}})});
  const Volume theirs =
      AppliedTo(base, {EditOf(SetVoxels{{{299, 299, 299}, {298, 1, 1}}, {kBlue}})});
  EXPECT_TRUE(Merge(base, base, theirs, Prefer::kOurs).volume.SharesRoot(theirs));
  EXPECT_TRUE(Merge(base, ours, base, Prefer::kTheirs).volume.SharesRoot(ours));
  EXPECT_TRUE(Merge(base, ours, ours, Prefer::kTheirs).volume.SharesRoot(ours));
  const Volume merged = Merge(base, ours, theirs, Prefer::kOurs).volume;
  EXPECT_EQ(merged.CellAt({288, 288, 288}).brick, theirs.CellAt({288, 288, 288}).brick);
  EXPECT_EQ(merged.CellAt({0, 0, 0}).brick, ours.CellAt({0, 0, 0}).brick);
}

TEST(MergeVolumesTest, CancelledAndOverItsMemoryItLeavesNothing) {
  const Volume theirs = AppliedTo(Volume(), {EditOf(FillBox{{{1, 1, 1}, {99, 99, 99}}, kRed, 0})});
  const Volume ours = AppliedTo(Volume(), {EditOf(SetVoxels{{{200, 1, 1}}, {kBlue}})});
  ThreeWayCount count;
  CancelToken cancel;
  cancel.Cancel();
  TaskContext cancelled;
  cancelled.cancel = &cancel;
  EXPECT_EQ(
      ReasonOf(MergeVolumes(Volume(), ours, theirs, Prefer::kOurs, cancelled, count).status()),
      "CALL_CANCELLED");
  TaskContext small;
  small.max_new_bytes = 4096;
  const Volume busy = AppliedTo(
      Volume(), {EditOf(FillBox{{{0, 0, 0}, {100, 100, 100}}, kBlue, 0}),
                 EditOf(SetVoxels{{{3, 3, 3}, {40, 3, 3}, {3, 40, 3}, {80, 80, 80}}, {kRed}})});
  EXPECT_EQ(ReasonOf(MergeVolumes(ours, busy, theirs, Prefer::kTheirs, small, count).status()),
            "LIMIT_MEMORY");
}

}  // namespace
}  // namespace voxel
