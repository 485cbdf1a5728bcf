#include "daemon/service/region_blocks.h"

namespace voxeld {
namespace {

constexpr int kBlockBits = 6;  // aligned with the tree's nodes of 64^3

voxel::Coord CellOf(voxel::Coord c) {
  return {c.x >> kBlockBits, c.y >> kBlockBits, c.z >> kBlockBits};
}
voxel::Coord CornerOf(voxel::Coord cell) {
  return {cell.x << kBlockBits, cell.y << kBlockBits, cell.z << kBlockBits};
}

}  // namespace

BlockWalk::BlockWalk(const voxel::Box& box) : box_(box), cell_(CellOf(box.min)) {}

bool BlockWalk::Next(voxel::Box* part) {
  if (ended_) return false;
  const voxel::Coord corner = CornerOf(cell_);
  *part = box_.Intersection({corner, CornerOf(cell_ + voxel::Coord{1, 1, 1})});
  const voxel::Coord first = CellOf(box_.min);
  const voxel::Coord last = CellOf(box_.max - voxel::Coord{1, 1, 1});
  for (int axis = 0; axis < 3; ++axis) {
    if (++cell_[axis] <= last[axis]) return true;
    cell_[axis] = first[axis];
  }
  ended_ = true;
  return true;
}

}  // namespace voxeld
