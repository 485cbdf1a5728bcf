// The root of a volume: its regions, in the order of their keys. Private to voxel/grid.
//
// Ownership: counted; holds one reference to each region's node, but for those on loan (loan.h).
// Threading: immutable once in a Volume, but for its loan; hash and bounds are computed on first
// use by whoever asks.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "voxel/base/ref_ptr.h"
#include "voxel/grid/node.h"
#include "voxel/grid/region_key.h"
#include "voxel/grid/volume.h"

namespace voxel::internal {

struct Region {
  uint64_t key = 0;
  Slot slot;

  friend bool operator==(const Region&, const Region&) = default;
};

class Root : public RefCounted<Root> {
 public:
  // Takes over the references of `sorted`. REQUIRES: ascending keys, no air, canonical slots.
  explicit Root(std::vector<Region> sorted);
  ~Root();
  // The regions of `base` (null: none) with `slot`, whose reference is taken over, as the one of
  // `key`. Null if none is left. Cost: a copy of the list of regions, and no heap call once a root
  // of as many was let go of.
  static Root* WithRegion(const Root* base, uint64_t key, Slot slot);
  // The end of the last reference; called by RefCounted.
  static void Recycle(Root* root);

  absl::Span<const Region> regions() const { return regions_; }
  int64_t count() const { return count_; }
  int64_t bytes() const { return bytes_; }
  uint64_t Hash() const;
  const Box& Bounds() const;

 private:
  Root() = default;
  // Takes references to the regions but that one (as many as there are: to all), or borrows them of
  // a root of the same regions, if there is one.
  void HoldRegions(const Root* base, size_t changed);
  void DropRegions();

  std::vector<Region> regions_;
  mutable Loan loan_{this};
  int64_t count_ = 0;
  int64_t bytes_ = 0;
  mutable std::atomic<uint64_t> hash_{0};
  mutable std::atomic<const Box*> bounds_{nullptr};  // owned; null: not computed yet
};

// The slot of the region that holds `c`; air if there is none or `c` is outside the world.
Slot FindRegion(absl::Span<const Region> regions, Coord c);

// Calls fn(i) for the regions that meet `box`, ascending; fn returns false to stop. Returns false
// if it was stopped.
bool ForEachRegion(absl::Span<const Region> regions, const Box& box,
                   absl::FunctionRef<bool(size_t)> fn);

// The slot of the cube at `height` that holds `c` below `top`, one of kFrom (a region's); a uniform
// one from above stands for itself.
template <int kFrom = kTopHeight>
inline Slot Descend(Slot top, Coord c, int height) {
  for (int h = kFrom; h > height && !top.uniform(); --h) {
    top = top.node()->slots[ChildIndex(c, h)];
  }
  return top;
}

// The cube at `min` and `height` as callers see it. REQUIRES: uniform, or height is 0.
inline Cell CellOf(Slot slot, Coord min, int height) {
  Cell cell{min, CubeSize(height)};
  if (slot.uniform()) {
    cell.color = slot.color();
  } else {
    cell.brick = slot.brick();
  }
  return cell;
}

}  // namespace voxel::internal

namespace voxel {

// How the rest of voxel/grid reaches into a Volume.
struct VolumeInternals {
  static absl::Span<const internal::Region> Regions(const Volume& volume);
  // A volume of these regions, whose references it takes over. Sorted here; air is dropped.
  static Volume Make(std::vector<internal::Region> regions);
  // The volume with another canonical slot, whose reference it takes over, as the region of `key`.
  static Volume WithRegion(const Volume& volume, uint64_t key, internal::Slot slot);
};

}  // namespace voxel
