// A brick being built voxel by voxel as palette indices, in order of first use. Private to
// voxel/grid.
//
// Data flow: Index() for each new colour, indices and mask filled by the caller -> Finish().
// Cost:      a lookup per colour that differs from the one before; the voxels themselves are
//            copied.
#pragma once

#include "voxel/grid/color_numbers.h"
#include "voxel/grid/slot.h"

namespace voxel::internal {

class IndexedBrick {
 public:
  static constexpr int kMany = ColorNumbers<kByteColors>::kMany;

  // The index of `color`, added if new; kMany if there are kByteColors others already. REQUIRES:
  // color is not air.
  int Index(Color color) { return numbers_.Of(color); }

  // Canonical if Index was asked in voxel order and every voxel is covered: uniform where it can
  // be, else a brick with one reference, which the caller takes over.
  Slot Finish() const;

  BrickMask mask;                 // the voxels that are not air
  uint8_t indices[kBrickVoxels];  // of each voxel; 0 for air

 private:
  Slot FinishSparse() const;

  ColorNumbers<kByteColors> numbers_;
};

}  // namespace voxel::internal
