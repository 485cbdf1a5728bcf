// Volumes to be inspected: random ones of every kind of brick, anywhere in the world, with their
// voxels in a map.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "edit_fixture.h"
#include "gtest/gtest.h"
#include "random_edits.h"
#include "voxel/base/error.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {

// A random volume in an arena on some border: dust, boxes and balls, in one colour, a few, or as
// many as there are voxels.
struct InspectedVolume {
  explicit InspectedVolume(uint64_t seed) : random(seed, RandomEdits::AnyArena(seed)) {
    VolumeEditor editor{Volume()};
    const int share = 2 + random.Below(12);  // from sponge to dust
    const int colors = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 6 : 1 << 24;
    const bool glass = seed % 4 == 3;  // several alphas
    const Box& arena = random.arena();
    for (Coord c = arena.min; c.z < arena.max.z; ++c.z) {
      for (c.y = arena.min.y; c.y < arena.max.y; ++c.y) {
        for (c.x = arena.min.x; c.x < arena.max.x; ++c.x) {
          if (!random.OneIn(share)) continue;
          const uint32_t alpha = glass ? static_cast<uint32_t>(255 - 80 * random.Below(3)) : 255u;
          editor.Set(c, static_cast<Color>(1 + random.Below(colors)) << 8 | alpha);
        }
      }
    }
    volume = AppliedTo(editor.Commit(), {EditOf(FillBox{random.AnyBox(20), Rgba(200, 30, 30), 0}),
                                         EditOf(Clear{random.AnyBox(16)}),
                                         EditOf(Ellipsoid{random.AnyBox(20), Rgba(30, 30, 200), 1}),
                                         EditOf(FillBox{random.AnyBox(6), Rgba(30, 200, 30), 0})});
    voxels = VoxelsOf(volume);
  }

  bool Solid(Coord c) const { return voxels.contains(c); }
  Color At(Coord c) const {
    const auto found = voxels.find(c);
    return found == voxels.end() ? kAir : found->second;
  }

  RandomEdits random;
  Volume volume;
  std::map<Coord, Color> voxels;
};

// The value of a call that must succeed.
template <typename T>
T Got(absl::StatusOr<T> result) {
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : T();
}

// Contexts that stop a call at once.
inline TaskContext Cancelled() {
  static CancelToken* const token = [] {
    auto* cancelled = new CancelToken;
    cancelled->Cancel();
    return cancelled;
  }();
  TaskContext context;
  context.cancel = token;
  return context;
}

// A box of air with one wall of that colour all around.
inline Volume Shell(const Box& box, Color color) {
  return AppliedTo(Volume(), {EditOf(FillBox{box, color, 1})});
}

}  // namespace voxel
