// Region kernels for tests: a box and a ball, with any colour maps inside and outside.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "voxel/grid/volume_editor.h"

namespace voxel {

using VoxelMap = std::function<Color(Color)>;

class TestKernel : public RegionKernel {
 public:
  explicit TestKernel(VoxelMap inside, VoxelMap outside = nullptr)
      : inside_(std::move(inside)), outside_(std::move(outside)) {}

  virtual bool Contains(Coord c) const = 0;

  void Mask(Coord min, BrickMask& mask) const override {
    for (int i = 0; i < kBrickVoxels; ++i) {
      if (Contains(min + Coord{i & 15, i >> 4 & 15, i >> 8})) mask.Set(i);
    }
  }
  void MapInside(Color* colors, int n) const override {
    for (int i = 0; i < n; ++i) colors[i] = inside_(colors[i]);
  }
  void MapOutside(Color* colors, int n) const override {
    for (int i = 0; i < n; ++i) colors[i] = outside_(colors[i]);
  }
  bool acts_outside() const override { return outside_ != nullptr; }

  // What becomes of one voxel.
  Color After(Coord c, Color before) const {
    if (Contains(c)) return inside_(before);
    return outside_ != nullptr ? outside_(before) : before;
  }

 private:
  VoxelMap inside_;
  VoxelMap outside_;
};

class BoxKernel : public TestKernel {
 public:
  BoxKernel(const Box& box, VoxelMap inside, VoxelMap outside = nullptr)
      : TestKernel(std::move(inside), std::move(outside)), box_(box) {}

  bool Contains(Coord c) const override { return box_.Contains(c); }
  Coverage Classify(const Box& cube) const override {
    if (!box_.Intersects(cube)) return Coverage::kOutside;
    return box_.Contains(cube) ? Coverage::kInside : Coverage::kPartial;
  }
  void Mask(Coord min, BrickMask& mask) const override {
    const Box cut = box_.Intersection({min, min + Coord{16, 16, 16}});
    for (int z = cut.min.z; z < cut.max.z; ++z) {
      for (int y = cut.min.y; y < cut.max.y; ++y) {
        mask.SetRow(y - min.y, z - min.z, cut.min.x - min.x, cut.max.x - min.x);
      }
    }
  }

 private:
  Box box_;
};

class BallKernel : public TestKernel {
 public:
  BallKernel(Coord center, int64_t radius, VoxelMap inside, VoxelMap outside = nullptr)
      : TestKernel(std::move(inside), std::move(outside)), center_(center), radius_(radius) {}

  bool Contains(Coord c) const override {
    int64_t square = 0;
    for (int axis = 0; axis < 3; ++axis) {
      const int64_t d = int64_t{c[axis]} - center_[axis];
      square += d * d;
    }
    return square <= radius_ * radius_;
  }
  Coverage Classify(const Box& cube) const override {
    __extension__ using Wide = __int128;
    Wide nearest = 0;
    Wide farthest = 0;
    for (int axis = 0; axis < 3; ++axis) {
      const int64_t low = int64_t{cube.min[axis]} - center_[axis];
      const int64_t high = int64_t{cube.max[axis]} - 1 - center_[axis];
      const int64_t near = low > 0 ? low : high < 0 ? -high : 0;
      const int64_t far = std::max(-low, high);
      nearest += Wide{near} * near;
      farthest += Wide{far} * far;
    }
    const Wide limit = Wide{radius_} * radius_;
    if (nearest > limit) return Coverage::kOutside;
    return farthest <= limit ? Coverage::kInside : Coverage::kPartial;
  }

 private:
  Coord center_;
  int64_t radius_;
};

inline VoxelMap Paint(Color color) {
  return [color](Color) { return color; };
}

// A box of one colour, counted.
inline MapCount FillBox(VolumeEditor& editor, const Box& box, Color color) {
  MapCount count;
  const BoxKernel kernel(box, Paint(color));
  if (!editor.MapRegion(box, kernel, TaskContext(), count).ok()) return {-1, -1};
  return count;
}

}  // namespace voxel
