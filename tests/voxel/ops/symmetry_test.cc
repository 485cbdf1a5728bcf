#include "voxel/ops/symmetry.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "inspect_fixture.h"

namespace voxel {
namespace {

Coord ImageOf(Coord c, int axis, int64_t twice) {
  c[axis] = static_cast<int32_t>(twice - 1 - c[axis]);
  return c;
}

// Every plane that may be looked at, voxel by voxel.
MirrorPlane ByForce(const InspectedVolume& at, int axis) {
  const Box bounds = at.volume.Bounds();
  const int64_t middle = int64_t{bounds.min[axis]} + bounds.max[axis];
  const int64_t reach = 2 * std::clamp<int64_t>(bounds.Size(axis) / 8, 2, 64);
  MirrorPlane best;
  best.matched = -1;
  for (int64_t off = -reach; off <= reach; ++off) {
    if (bounds.min[axis] + off < kMinCoord || bounds.max[axis] + off > kMaxCoord) continue;
    MirrorPlane plane;
    plane.twice = middle + off;
    for (const auto& [c, color] : at.voxels) {
      const Coord image = ImageOf(c, axis, plane.twice);
      if (!at.Solid(image)) {
        ++plane.mismatches;
        plane.bounds = plane.bounds.Union(BoxAt(c));
      } else {
        ++plane.matched;
        if (at.At(image) != color) ++plane.miscolored;
      }
    }
    const auto rank = [&](const MirrorPlane& p) {
      return std::tuple(-p.matched, std::abs(p.twice - middle), p.twice);
    };
    if (best.matched < 0 || rank(plane) < rank(best)) best = plane;
  }
  return best;
}

TEST(SymmetryTest, FindsTheBestPlaneThatTryingAllFinds) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    InspectedVolume at(seed);
    if (at.voxels.empty()) continue;
    if (seed % 2 == 0) {  // nearly symmetric: half of it, and its image
      const Axis axis = at.random.AnyAxis();
      const int a = static_cast<int>(axis);
      Box half = at.random.arena();
      half.min[a] += at.random.Below(6);
      half.max[a] = half.min[a] + 10;
      VolumeEditor editor{Volume()};
      for (const auto& [c, color] : at.voxels) {
        if (!half.Contains(c)) continue;
        editor.Set(c, color);
        editor.Set(ImageOf(c, a, int64_t{2} * half.max[a] + (seed % 4) / 2), color);
      }
      editor.Set(at.random.AnyCoord(), Rgba(1, 1, 1));
      at.volume = editor.Commit();
      at.voxels = VoxelsOf(at.volume);
    }
    for (int axis = 0; axis < 3; ++axis) {
      const MirrorPlane wanted = ByForce(at, axis);
      const MirrorPlane found =
          Got(FindMirrorPlane(at.volume, static_cast<Axis>(axis), TaskContext()));
      EXPECT_EQ(found.twice, wanted.twice) << seed << " axis " << axis;
      EXPECT_EQ(found.matched, wanted.matched) << seed << " axis " << axis;
      EXPECT_EQ(found.mismatches, wanted.mismatches) << seed << " axis " << axis;
      EXPECT_EQ(found.miscolored, wanted.miscolored) << seed << " axis " << axis;
      EXPECT_EQ(found.bounds, wanted.bounds) << seed << " axis " << axis;
    }
  }
}

TEST(SymmetryTest, ABallAmongUniformCubesIsSymmetricAboutItsMiddle) {
  const Volume volume =
      AppliedTo(Volume(), {EditOf(Ellipsoid{{{3, -90, 7}, {204, 111, 208}}, Rgba(9, 9, 9), 0})});
  for (const Axis axis : {Axis::kX, Axis::kY, Axis::kZ}) {
    const MirrorPlane found = Got(FindMirrorPlane(volume, axis, TaskContext()));
    const Box bounds = volume.Bounds();
    EXPECT_EQ(found.twice, int64_t{bounds.min[axis]} + bounds.max[axis]);
    EXPECT_EQ(found.matched, volume.CountVoxels());
    EXPECT_EQ(found.mismatches + found.miscolored, 0);
  }
}

TEST(SymmetryTest, FromOneEndOfTheWorldToTheOtherAndAtItsRim) {
  for (const int32_t at : {kMinCoord, 0, kMaxCoord - 3}) {
    VolumeEditor editor{Volume()};
    editor.Set({at, 0, 0}, Rgba(1, 1, 1));
    editor.Set({at + 2, 0, 0}, Rgba(2, 2, 2));
    const MirrorPlane found = Got(FindMirrorPlane(editor.Commit(), Axis::kX, TaskContext()));
    EXPECT_EQ(found.twice, int64_t{2} * at + 3);
    EXPECT_EQ(found.matched, 2);
    EXPECT_EQ(found.miscolored, 2);
  }
  VolumeEditor editor{Volume()};
  editor.Set({kMinCoord, 5, kMinCoord}, Rgba(1, 1, 1));
  editor.Set({kMaxCoord - 1, 5, kMinCoord}, Rgba(1, 1, 1));
  const MirrorPlane found = Got(FindMirrorPlane(editor.Commit(), Axis::kX, TaskContext()));
  EXPECT_EQ(found.twice, 0);
  EXPECT_EQ(found.matched, 2);
}

TEST(SymmetryTest, StopsWhenTold) {
  const Volume volume = Shell({{0, 0, 0}, {9, 9, 9}}, Rgba(1, 2, 3));
  EXPECT_EQ(ReasonOf(FindMirrorPlane(volume, Axis::kX, Cancelled()).status()), "CALL_CANCELLED");
}

}  // namespace
}  // namespace voxel
