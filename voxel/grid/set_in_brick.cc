#include "voxel/grid/set_in_brick.h"

#include <array>

#include "voxel/base/check.h"
#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/brick_encode.h"
#include "voxel/grid/brick_read.h"
#include "voxel/grid/brick_write.h"
#include "voxel/grid/root.h"

namespace voxel {
namespace {

using internal::kTopHeight;
using internal::Slot;

struct NewVoxel {
  int index;
  Color color;
};

// The slots around a brick, from it up to its region.
using SlotPath = std::array<Slot, kTopHeight + 1>;

SlotPath PathTo(const Volume& volume, Coord c) {
  SlotPath path;
  path[kTopHeight] = internal::FindRegion(VolumeInternals::Regions(volume), c);
  for (int h = kTopHeight; h > 0; --h) {
    path[h - 1] = internal::ChildOf(path[h], internal::ChildIndex(c, h));
  }
  return path;
}

// A canonical slot of the old one's brick with other voxels.
Slot WithVoxels(Slot old, absl::Span<const NewVoxel> voxels) {
  Brick* brick =
      old.uniform() ? internal::NewUniformBrick(old.color()) : internal::WritableCopy(old.brick());
  for (const NewVoxel& voxel : voxels) {
    while (!internal::WriteVoxel(brick, voxel.index, voxel.color)) {
      brick = internal::Widen(brick, voxel.color);
    }
  }
  const Slot slot = internal::Canonical(brick);
  if (slot != Slot::Shared(brick)) internal::UnrefBrick(brick);
  return slot;
}

// A canonical slot of the old one's node with another child, whose reference it takes over.
Slot WithChild(Slot old, int height, int index, Slot child) {
  const Slot before = internal::ChildOf(old, index);
  internal::Node* node =
      old.uniform() ? internal::NewNode(old) : internal::CloneNode(old.node(), height);
  internal::DropSlot(before, height - 1);  // never the last reference: the old node has one, too
  node->slots[index] = child;
  if (child.uniform() && internal::AllUniform(node->slots)) {
    internal::DropSlot(Slot::Shared(node), height);
    return child;
  }
  node->count = internal::SlotCount(old, height) + internal::SlotCount(child, height - 1) -
                internal::SlotCount(before, height - 1);
  node->bytes = (old.uniform() ? internal::NodeBytes() : old.node()->bytes) +
                internal::SlotBytes(child, height - 1) - internal::SlotBytes(before, height - 1);
  return Slot::Shared(node);
}

}  // namespace

bool InOneBrick(absl::Span<const Coord> places) {
  if (places.empty() || !InWorld(places[0])) return false;
  for (const Coord& c : places) {
    if (!internal::InCube(c, internal::CubeMin(places[0], 0), kBrickBits)) return false;
  }
  return true;
}

BrickChange SetInBrick(const Volume& base, absl::Span<const Coord> places,
                       absl::Span<const Color> colors) {
  VOXEL_CHECK(places.size() <= kMostInBrick && InOneBrick(places));
  VOXEL_CHECK(colors.size() == 1 || colors.size() == places.size());
  BrickChange change;
  const SlotPath path = PathTo(base, places[0]);
  std::array<NewVoxel, kMostInBrick> voxels;
  BrickMask seen;
  BrickMask changed;
  for (size_t i = places.size(); i-- > 0;) {  // backwards: the last one of equal places wins
    const int index = internal::VoxelIndex(places[i]);
    if (seen.Get(index)) continue;
    seen.Set(index);
    const Color color = colors[colors.size() == 1 ? 0 : i];
    const Color old = path[0].uniform() ? path[0].color() : internal::GetVoxel(path[0], index);
    if (old == color) {
      ++change.unchanged;
      continue;
    }
    changed.Set(index);
    voxels[static_cast<size_t>(change.changed++)] = {index, color};
  }
  if (change.changed == 0) {
    change.volume = base;
    return change;
  }
  Slot slot = WithVoxels(path[0], {voxels.data(), static_cast<size_t>(change.changed)});
  for (int h = 0; h <= kTopHeight; ++h) {
    if (h > 0) slot = WithChild(path[h], h, internal::ChildIndex(places[0], h), slot);
    if (path[h].uniform()) continue;
    change.let_go_bytes += h == 0 ? internal::SlotBytes(path[0], 0) : internal::NodeBytes();
  }
  change.volume = VolumeInternals::WithRegion(base, internal::RegionKey(places[0]), slot);
  const Coord min = internal::CubeMin(places[0], 0);
  const Box inner = MaskBounds(changed);
  change.bounds = {min + inner.min, min + inner.max};
  return change;
}

}  // namespace voxel
