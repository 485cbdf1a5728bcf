// A brick being built voxel by voxel as palette indices, in order of first use. Private to
// voxel/grid.
//
// Data flow: Index() for each new colour, indices and mask filled by the caller -> Finish().
// Cost:      a lookup per colour that differs from the one before; the voxels themselves are
//            copied.
#pragma once

#include "voxel/grid/slot.h"

namespace voxel::internal {

class IndexedBrick {
 public:
  static constexpr int kMany = -1;

  // The index of `color`, added if new; kMany if there are kByteColors others already. REQUIRES:
  // color is not air.
  int Index(Color color) {
    for (uint32_t at = color * 0x9e3779b1u >> 23;; at = (at + 1) & (kBuckets - 1)) {
      const int entry = buckets_[at];
      if (entry == 0) return Add(color, at);
      if (colors_[entry - 1] == color) return entry - 1;
    }
  }

  // Canonical if Index was asked in voxel order and every voxel is covered: uniform where it can
  // be, else a brick with one reference, which the caller takes over.
  Slot Finish() const;

  BrickMask mask;                 // the voxels that are not air
  uint8_t indices[kBrickVoxels];  // of each voxel; 0 for air

 private:
  static constexpr uint32_t kBuckets = 512;  // twice the colours; the shift above yields 9 bits

  Slot FinishSparse() const;

  int Add(Color color, uint32_t bucket) {
    if (size_ == kByteColors) return kMany;
    colors_[size_++] = color;
    buckets_[bucket] = static_cast<uint16_t>(size_);
    return size_ - 1;
  }

  uint16_t buckets_[kBuckets] = {};  // index + 1; 0: free
  Color colors_[kByteColors];
  int size_ = 0;
};

}  // namespace voxel::internal
