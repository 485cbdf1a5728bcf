// The slow, obvious volume that the real one is held against: a hash map of small cubes of voxels.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "voxel/base/hash.h"
#include "voxel/grid/box.h"
#include "voxel/grid/color.h"
#include "voxel/grid/coord.h"

namespace voxel {

class ModelVolume {
 public:
  static constexpr int kCubeSize = 8;
  static constexpr int kCubeVoxels = kCubeSize * kCubeSize * kCubeSize;
  using Cube = std::array<Color, kCubeVoxels>;  // x fastest

  Color Get(Coord c) const {
    const auto it = cubes_.find(CubeOf(c));
    return it == cubes_.end() ? kAir : it->second[IndexOf(c)];
  }

  void Set(Coord c, Color color) {
    const Coord min = CubeOf(c);
    if (color == kAir && !cubes_.contains(min)) return;
    Color& voxel = cubes_[min][IndexOf(c)];
    count_ += (color != kAir) - (voxel != kAir);
    voxel = color;
  }

  int64_t CountVoxels() const { return count_; }

  // Calls fn(position, colour) for every voxel that is not air.
  template <typename Fn>
  void ForEach(Fn&& fn) const {
    ForEachCube([&](Coord min, const Cube& cube) {
      for (int i = 0; i < kCubeVoxels; ++i) {
        if (cube[i] != kAir) fn(min + Coord{i & 7, i >> 3 & 7, i >> 6}, cube[i]);
      }
    });
  }

  // Calls fn(min, cube) for every cube that was ever written.
  template <typename Fn>
  void ForEachCube(Fn&& fn) const {
    for (const auto& [min, cube] : cubes_) fn(min, cube);
  }

  Box Bounds() const {
    Box bounds;
    ForEach([&](Coord c, Color) { bounds = bounds.Union(BoxAt(c)); });
    return bounds;
  }

 private:
  struct Hash {
    size_t operator()(Coord c) const {
      const uint64_t xy = uint64_t{static_cast<uint32_t>(c.x)} << 32 | static_cast<uint32_t>(c.y);
      return HashMix(xy, static_cast<uint32_t>(c.z));
    }
  };

  static Coord CubeOf(Coord c) { return {c.x & ~7, c.y & ~7, c.z & ~7}; }
  static int IndexOf(Coord c) { return (c.x & 7) | (c.y & 7) << 3 | (c.z & 7) << 6; }

  std::unordered_map<Coord, Cube, Hash> cubes_;
  int64_t count_ = 0;
};

}  // namespace voxel
