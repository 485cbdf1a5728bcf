// The slow, obvious volume that the real one is held against: an ordered map of small cubes of
// voxels.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "voxel/grid/box.h"
#include "voxel/grid/color.h"
#include "voxel/grid/coord.h"

namespace voxel {

class ModelVolume {
 public:
  Color Get(Coord c) const {
    const auto it = chunks_.find(ChunkOf(c));
    return it == chunks_.end() ? kAir : it->second[IndexOf(c)];
  }

  void Set(Coord c, Color color) {
    if (color == kAir && !chunks_.contains(ChunkOf(c))) return;
    Color& voxel = chunks_[ChunkOf(c)][IndexOf(c)];
    count_ += (color != kAir) - (voxel != kAir);
    voxel = color;
  }

  int64_t CountVoxels() const { return count_; }

  // Calls fn(position, colour) for every voxel that is not air.
  template <typename Fn>
  void ForEach(Fn&& fn) const {
    for (const auto& [chunk, voxels] : chunks_) {
      for (int i = 0; i < kVoxels; ++i) {
        if (voxels[i] != kAir) fn(PositionOf(chunk, i), voxels[i]);
      }
    }
  }

  // Calls fn(box) for every 8^3 cube that was ever written.
  template <typename Fn>
  void ForEachChunk(Fn&& fn) const {
    for (const auto& [chunk, voxels] : chunks_) {
      const Coord min = PositionOf(chunk, 0);
      fn(Box{min, min + Coord{kSize, kSize, kSize}});
    }
  }

  Box Bounds() const {
    Box bounds;
    ForEach([&](Coord c, Color) { bounds = bounds.Union(BoxAt(c)); });
    return bounds;
  }

 private:
  static constexpr int kSize = 8;
  static constexpr int kVoxels = kSize * kSize * kSize;

  static Coord ChunkOf(Coord c) { return {c.x >> 3, c.y >> 3, c.z >> 3}; }
  static int IndexOf(Coord c) { return (c.x & 7) | (c.y & 7) << 3 | (c.z & 7) << 6; }
  static Coord PositionOf(Coord chunk, int i) {
    return {chunk.x * kSize + (i & 7), chunk.y * kSize + (i >> 3 & 7), chunk.z * kSize + (i >> 6)};
  }

  std::map<Coord, std::array<Color, kVoxels>> chunks_;
  int64_t count_ = 0;
};

}  // namespace voxel
