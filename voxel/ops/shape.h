// What a shape is: a set of voxels that knows its bounds, can judge a whole block, and yields its
// rows as intervals.
//
// Adding one: write a value class that satisfies ConvexShape (or RowShape) in a file pair of its
//             own; ShapeRegion makes a Region of it, Hollow gives a convex one a wall, PaintRegion
//             paints it.
// Exactness:  coordinates are 64-bit, so that shifted blocks never overflow; answers are exact, but
//             Classify of a RowShape that is not convex may say kPartial where the truth is
//             sharper.
// Units:      voxels, by their integer positions. Intervals here are closed, unlike boxes.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>

#include "voxel/grid/box.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {

// The integers first..last; empty if last < first.
struct Interval {
  int64_t first = 0;
  int64_t last = -1;

  friend constexpr bool operator==(const Interval&, const Interval&) = default;
  constexpr bool empty() const { return last < first; }
  constexpr int64_t size() const { return empty() ? 0 : last - first + 1; }
  constexpr Interval Intersection(const Interval& b) const {
    return {std::max(first, b.first), std::min(last, b.last)};
  }
  constexpr Interval Shifted(int64_t by) const { return {first + by, last + by}; }
};

// A block of voxels, anywhere in 64-bit space.
struct Block {
  Interval axis[3];

  constexpr const Interval& operator[](int i) const { return axis[i]; }
  constexpr Interval& operator[](int i) { return axis[i]; }
  constexpr bool empty() const { return axis[0].empty() || axis[1].empty() || axis[2].empty(); }
};

constexpr Block BlockOf(const Box& box) {
  Block block;
  for (int i = 0; i < 3; ++i) block[i] = {box.min[i], int64_t{box.max[i]} - 1};
  return block;
}

// The same as a box. REQUIRES: it fits 32 bits.
constexpr Box BoxOf(const Block& block) {
  Box box;
  for (int i = 0; i < 3; ++i) {
    box.min[i] = static_cast<int32_t>(block[i].first);
    box.max[i] = static_cast<int32_t>(block[i].last + 1);
  }
  return box;
}

// A set whose rows along x are single intervals, and so are its rows along y and z: every convex
// body is one.
template <typename S>
concept ConvexShape = requires(const S& shape, const Block& block, int64_t at) {
  { shape.bounds() } -> std::same_as<Box>;              // tight or larger
  { shape.Classify(block) } -> std::same_as<Coverage>;  // exact. REQUIRES: block not empty
  { shape.Row(at, at) } -> std::same_as<Interval>;      // the x of the voxels at (y, z)
};

// A set with any number of disjoint intervals a row: ForEachInterval(y, z, fn) calls fn(Interval)
// for each.
template <typename S>
concept RowShape = requires(const S& shape, const Block& block, int64_t at, void (*fn)(Interval)) {
  { shape.bounds() } -> std::same_as<Box>;
  { shape.Classify(block) } -> std::same_as<Coverage>;
  shape.ForEachInterval(at, at, fn);
};

// The non-empty intervals of a row of either kind.
template <typename S, typename Fn>
void ForEachInterval(const S& shape, int64_t y, int64_t z, Fn&& fn) {
  if constexpr (ConvexShape<S>) {
    if (const Interval row = shape.Row(y, z); !row.empty()) fn(row);
  } else {
    shape.ForEachInterval(y, z, [&fn](Interval row) {
      if (!row.empty()) fn(row);
    });
  }
}

}  // namespace voxel
