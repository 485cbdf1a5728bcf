#include "voxel/ops/capsule_kernel.h"

#include <algorithm>
#include <cstdlib>

#include "voxel/ops/floor_sqrt.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

// Below this reach nine times its fourth power fits an int64.
constexpr int64_t kNarrowReach = 1 << 14;
constexpr int64_t kLargestCube = 1024;  // that is judged; larger ones are entered

}  // namespace

CapsuleKernel::CapsuleKernel(Coord from, Coord to, uint32_t radius) : from_(from), radius_(radius) {
  const auto reach = static_cast<int32_t>(radius);
  int64_t longest = 0;
  for (int i = 0; i < 3; ++i) {
    delta_[i] = int64_t{to[i]} - from[i];
    longest = std::max(longest, std::abs(delta_[i]));
    bounds_.min[i] = std::min(from[i], to[i]) - reach;
    bounds_.max[i] = std::max(from[i], to[i]) + reach + 1;
  }
  narrow_ = longest + radius_ + 2 * kLargestCube < kNarrowReach;
}

bool CapsuleKernel::Near(Coord voxel, int64_t radius) const {
  return narrow_ ? NearIn<int64_t, uint64_t>(voxel, radius)
                 : NearIn<Int128, UInt128>(voxel, radius);
}

template <typename Int, typename UInt>
bool CapsuleKernel::NearIn(Coord voxel, int64_t radius) const {
  Int dot = 0;
  Int w2 = 0;
  Int d2 = 0;
  for (int i = 0; i < 3; ++i) {
    const Int w = int64_t{voxel[i]} - from_[i];
    const Int d = delta_[i];
    dot += w * d;
    w2 += w * w;
    d2 += d * d;
  }
  const Int r2 = Int{radius} * radius;
  if (dot <= 0) return w2 <= r2;
  if (dot >= d2) return w2 - 2 * dot + d2 <= r2;
  // Unsigned: nine times the fourth power of the world's width needs all 128 bits. The difference
  // is never negative.
  const UInt across = static_cast<UInt>(w2) * static_cast<UInt>(d2) -
                      static_cast<UInt>(dot) * static_cast<UInt>(dot);
  return across <= static_cast<UInt>(r2) * static_cast<UInt>(d2);
}

Coverage CapsuleKernel::Classify(const Box& cube) const {
  if (!cube.Intersects(bounds_)) return Coverage::kOutside;
  const int32_t size = cube.max.x - cube.min.x;
  if (size > kLargestCube) return Coverage::kPartial;
  // No voxel of the cube is farther from its middle than sqrt(3) / 2 < 7 / 8 of its size.
  const Coord middle = cube.min + Coord{size / 2, size / 2, size / 2};
  if (!Near(middle, radius_ + size / 8 * 7)) return Coverage::kOutside;
  for (int i = 0; i < 8; ++i) {
    const Coord corner{(i & 1) != 0 ? cube.max.x - 1 : cube.min.x,
                       (i & 2) != 0 ? cube.max.y - 1 : cube.min.y,
                       (i & 4) != 0 ? cube.max.z - 1 : cube.min.z};
    if (!Near(corner, radius_)) return Coverage::kPartial;
  }
  return Coverage::kInside;  // convex: so is everything between the corners
}

void CapsuleKernel::Mask(Coord min, BrickMask& mask) const {
  for (int z = 0; z < kBrickSize; ++z) {
    for (int y = 0; y < kBrickSize; ++y) MaskRow(min + Coord{0, y, z}, y, z, mask);
  }
}

void CapsuleKernel::MaskRow(Coord row, int y, int z, BrickMask& mask) const {
  // Convex, so the row is one interval: look for its ends only.
  int first = 0;
  while (first < kBrickSize && !Near(row + Coord{first, 0, 0}, radius_)) ++first;
  if (first == kBrickSize) return;
  int last = kBrickSize - 1;
  while (!Near(row + Coord{last, 0, 0}, radius_)) --last;
  mask.SetRow(y, z, first, last + 1);
}

void CapsuleKernel::MapInside(Color* colors, int n) const { std::fill_n(colors, n, kInk); }

}  // namespace voxel
