#include "voxel/grid/indexed_brick.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/sparse_brick.h"

namespace voxel::internal {

Slot IndexedBrick::Finish() const {
  const int colors = numbers_.size();
  if (colors == 0) return Slot();
  const int count = mask.Count();
  if (colors == 1 && count == kBrickVoxels) return Slot::Uniform(numbers_.colors()[0]);
  if (count <= kSparseVoxels) return FinishSparse();
  const Width width = colors == 1               ? Width::kOne
                      : colors <= kNibbleColors ? Width::kNibble
                                                : Width::kByte;
  Brick* brick = NewBrick({width, count < kBrickVoxels}, false);
  brick->colors = static_cast<uint16_t>(colors);
  brick->count = static_cast<uint16_t>(count);
  if (brick->form.masked) brick->mask() = mask;
  std::copy_n(numbers_.colors(), colors, brick->palette());
  if (width == Width::kByte) {
    std::memcpy(brick->indices(), indices, kBrickVoxels);
  } else if (width == Width::kNibble) {
    uint8_t* out = brick->indices();
    for (int i = 0; i < kBrickVoxels / 2; ++i) {
      out[i] = static_cast<uint8_t>(indices[2 * i] | indices[2 * i + 1] << 4);
    }
  }
  return Slot::Shared(brick);
}

Slot IndexedBrick::FinishSparse() const {
  std::array<VoxelWrite, kSparseVoxels> voxels;
  size_t count = 0;
  ForEachBit(mask, [&](int voxel) {
    voxels[count++] = {voxel, numbers_.colors()[indices[voxel]]};
  });
  return EncodeSparse({voxels.data(), count});
}

}  // namespace voxel::internal
