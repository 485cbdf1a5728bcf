#include "voxel/ops/components.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "edit_fixture.h"
#include "gtest/gtest.h"
#include "random_edits.h"
#include "tests/support/colors.h"
#include "voxel/base/error.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

auto Key(const Component& c) {
  return std::tuple(-c.voxels, c.first.z, c.first.y, c.first.x, c.bounds.min.x, c.bounds.min.y,
                    c.bounds.min.z, c.bounds.max.x, c.bounds.max.y, c.bounds.max.z);
}

std::vector<Component> Found(const Volume& volume, const Box& box = kWorld) {
  const auto found = FindComponents(volume, box, TaskContext());
  EXPECT_TRUE(found.ok());
  return *found;
}

// The same voxel by voxel.
std::vector<Component> ByForce(const Volume& volume, const Box& box) {
  std::map<std::tuple<int, int, int>, bool> seen;
  for (const auto& [c, color] : VoxelsOf(volume)) {
    if (box.Contains(c)) seen[{c.z, c.y, c.x}] = false;
  }
  std::vector<Component> out;
  for (auto& [start, start_seen] : seen) {
    if (start_seen) continue;
    const auto [z0, y0, x0] = start;
    Component component;
    component.first = {x0, y0, z0};
    std::vector<Coord> open{component.first};
    start_seen = true;
    while (!open.empty()) {
      const Coord c = open.back();
      open.pop_back();
      ++component.voxels;
      component.bounds = component.bounds.Union(BoxAt(c));
      for (int side = 0; side < 6; ++side) {
        Coord next = c;
        next[side >> 1] += (side & 1) != 0 ? 1 : -1;
        const auto it = seen.find({next.z, next.y, next.x});
        if (it == seen.end() || it->second) continue;
        it->second = true;
        open.push_back(next);
      }
    }
    out.push_back(component);
  }
  std::sort(out.begin(), out.end(), [](auto& a, auto& b) { return Key(a) < Key(b); });
  return out;
}

void ExpectSame(const std::vector<Component>& found, const std::vector<Component>& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (size_t i = 0; i < found.size(); ++i) EXPECT_EQ(Key(found[i]), Key(wanted[i])) << i;
}

TEST(ComponentsTest, NothingHasNone) { EXPECT_TRUE(Found(Volume()).empty()); }

TEST(ComponentsTest, PartsThatMeetAtAnEdgeOrCornerAreApart) {
  const Volume volume =
      AppliedTo(Volume(), {EditOf(SetVoxels{{{0, 0, 0}, {1, 1, 0}, {2, 2, 1}}, {kRed}})});
  EXPECT_EQ(Found(volume).size(), 3u);
}

TEST(ComponentsTest, ABridgeOfOneVoxelJoinsCubesAndBricks) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 64, kRed);
  editor.PutCube({80, 0, 0}, 16, kBlue);
  for (int x = 64; x < 80; ++x) {
    if (x != 70) editor.Set({x, 15, 15}, kBlue);
  }
  const Volume apart = editor.Snapshot();
  editor.Set({70, 15, 15}, kRed);
  const Volume joined = editor.Commit();
  ASSERT_EQ(Found(apart).size(), 2u);
  ASSERT_EQ(Found(joined).size(), 1u);
  EXPECT_EQ(Found(joined)[0].voxels, 64 * 64 * 64 + 16 * 16 * 16 + 16);
  EXPECT_EQ(Found(joined)[0].bounds, (Box{{0, 0, 0}, {96, 64, 64}}));
  // What the box leaves out joins nothing.
  EXPECT_EQ(Found(joined, {{0, 0, 0}, {96, 15, 64}}).size(), 2u);
}

TEST(ComponentsTest, AgreesWithAFloodVoxelByVoxel) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    RandomEdits random(seed, RandomEdits::AnyArena(seed));
    VolumeEditor editor{Volume()};
    const int share = 2 + random.Below(6);  // from sponge to dust
    for (Coord c = random.arena().min; c.z < random.arena().max.z; ++c.z) {
      for (c.y = random.arena().min.y; c.y < random.arena().max.y; ++c.y) {
        for (c.x = random.arena().min.x; c.x < random.arena().max.x; ++c.x) {
          if (random.OneIn(share)) editor.Set(c, random.AnyColor());
        }
      }
    }
    const Volume dust = editor.Commit();
    const Volume volume = AppliedTo(
        dust, {EditOf(FillBox{random.AnyBox(20), kRed, 0}), EditOf(Clear{random.AnyBox(12)}),
               EditOf(Ellipsoid{random.AnyBox(20), kBlue, 1})});
    ExpectSame(Found(volume), ByForce(volume, kWorld));
    const Box box = random.AnyBox(20);
    ExpectSame(Found(volume, box), ByForce(volume, box));
  }
}

TEST(ComponentsTest, StopsWhenToldOrOutOfMemory) {
  const Volume volume =
      AppliedTo(Volume(), {EditOf(Ellipsoid{{{0, 0, 0}, {99, 99, 99}}, kRed, 0})});
  CancelToken token;
  token.Cancel();
  TaskContext context;
  context.cancel = &token;
  EXPECT_EQ(ReasonOf(FindComponents(volume, kWorld, context).status()), "CALL_CANCELLED");
  TaskContext small;
  small.max_new_bytes = 1000;
  EXPECT_EQ(ReasonOf(FindComponents(volume, kWorld, small).status()), "LIMIT_MEMORY");
}

}  // namespace
}  // namespace voxel
