#include "voxel/grid/volume_editor.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <tuple>
#include <utility>

#include "absl/base/attributes.h"
#include "voxel/base/check.h"
#include "voxel/grid/brick_encode.h"
#include "voxel/grid/brick_read.h"
#include "voxel/grid/brick_write.h"
#include "voxel/grid/canonicalize.h"
#include "voxel/grid/region_mapper.h"
#include "voxel/grid/region_table.h"

namespace voxel {

using internal::ChildIndex;
using internal::CubeMin;
using internal::kTopHeight;
using internal::Region;
using internal::Slot;

namespace {

constexpr int kNearHeight = 2;  // of the node that Set remembers
constexpr int32_t kNodeSide = internal::CubeSize(1);

// Makes the node at `slot` one that this transaction may write.
void OwnNode(Slot& slot, int height, int64_t& new_bytes) {
  if (slot.owned()) return;
  internal::Node* node =
      slot.uniform() ? internal::NewNode(slot) : internal::CloneNode(slot.node(), height);
  new_bytes += internal::NodeBytes() - internal::DropSlot(slot, height);
  slot = Slot::Owned(node);
}

void OwnBrick(Slot& slot, int64_t& new_bytes) {
  if (slot.owned()) return;
  Brick* brick = slot.uniform() ? internal::NewUniformBrick(slot.color())
                                : internal::WritableCopy(slot.brick());
  new_bytes += static_cast<int64_t>(BrickBytes(brick)) - internal::DropSlot(slot, 0);
  slot = Slot::Owned(brick);
}

// Widens the owned brick at `slot` until it takes the colour.
ABSL_ATTRIBUTE_NOINLINE void WriteWidening(Slot& slot, int voxel, Color color, int64_t& new_bytes) {
  Brick* brick = slot.brick();
  while (!internal::WriteVoxel(brick, voxel, color)) {
    new_bytes -= static_cast<int64_t>(BrickBytes(brick));
    brick = internal::Widen(brick, color);
    new_bytes += static_cast<int64_t>(BrickBytes(brick));
    slot = Slot::Owned(brick);
  }
}

// n voxels in one row of the owned brick at `slot`, which is widened where they need it.
ABSL_ATTRIBUTE_NOINLINE void WriteRow(Slot& slot, int voxel, const Color* colors, int n,
                                      int64_t& new_bytes) {
  for (int i = 0; i < n; ++i) {
    i += internal::WriteRow(slot.brick(), voxel + i, colors + i, n - i);
    if (i < n) WriteWidening(slot, voxel + i, colors[i], new_bytes);
  }
}

}  // namespace

VolumeEditor::VolumeEditor(Volume base)
    : base_(std::move(base)),
      table_(std::make_unique<internal::RegionTable>(VolumeInternals::Regions(base_))) {}

VolumeEditor::~VolumeEditor() = default;

void VolumeEditor::ForgetPlaces() {
  top_ = nullptr;
  near_ = nullptr;
  top_min_ = near_min_ = {kNowhere, kNowhere, kNowhere};
}

Slot* VolumeEditor::TopFor(Coord c) {
  if (!internal::InCube(c, top_min_, internal::kTopBits)) {
    top_ = table_->FindOrAdd(internal::RegionKey(c));
    top_min_ = CubeMin(c, kTopHeight);
  }
  return top_;
}

Color VolumeEditor::Get(Coord c) const {
  if (!InWorld(c)) return kAir;
  const Slot* top = internal::InCube(c, top_min_, internal::kTopBits)
                        ? top_
                        : table_->Find(internal::RegionKey(c));
  if (top == nullptr) return kAir;
  const Slot slot = internal::Descend(*top, c, 0);
  return slot.uniform() ? slot.color() : internal::GetVoxel(slot, internal::VoxelIndex(c));
}

void VolumeEditor::Set(Coord c, Color color) {
  if (!internal::InCube(c, near_min_, internal::CubeBits(kNearHeight)))
    return SetThroughShared(c, color);
  Slot* slot = &near_->slots[ChildIndex(c, kNearHeight)];
  for (int height = kNearHeight - 1; height > 0; --height) {
    if (!slot->owned()) return SetThroughShared(c, color);
    slot = &slot->owned_node()->slots[ChildIndex(c, height)];
  }
  if (internal::WriteVoxelFast(*slot, internal::VoxelIndex(c), color)) return;
  if (!slot->owned()) return SetThroughShared(c, color);
  // A call at the very end, here and above, so that this path saves no registers.
  WriteWidening(*slot, internal::VoxelIndex(c), color, new_bytes_);
}

Slot* VolumeEditor::OwnedBrickAt(Coord c) {
  if (!internal::InCube(c, near_min_, internal::CubeBits(kNearHeight))) return nullptr;
  Slot* slot = &near_->slots[ChildIndex(c, kNearHeight)];
  for (int height = kNearHeight - 1; height > 0; --height) {
    if (!slot->owned()) return nullptr;
    slot = &slot->owned_node()->slots[ChildIndex(c, height)];
  }
  return slot->owned() ? slot : nullptr;
}

void VolumeEditor::SetMany(absl::Span<const Coord> places, absl::Span<const Color> colors) {
  VOXEL_CHECK(colors.size() == places.size() || colors.size() == 1);
  constexpr size_t kBatch = 32;
  // Nodes written in place stay where they are, so what is found stays right while others are set.
  std::array<Slot*, kBatch> slots;
  for (size_t begin = 0; begin < places.size(); begin += kBatch) {
    const absl::Span<const Coord> batch = places.subspan(begin, kBatch);
    for (size_t i = 0; i < batch.size(); ++i) {
      slots[i] = OwnedBrickAt(batch[i]);
      if (slots[i] != nullptr) internal::AskForVoxel(*slots[i], internal::VoxelIndex(batch[i]));
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      const Color color = colors.size() == 1 ? colors[0] : colors[begin + i];
      if (slots[i] != nullptr &&
          internal::WriteVoxelFast(*slots[i], internal::VoxelIndex(batch[i]), color)) {
        continue;
      }
      Set(batch[i], color);
    }
  }
}

void VolumeEditor::SetRowAt(int32_t x, int32_t y, int32_t z, absl::Span<const Color> colors) {
  Coord c{x, y, z};
  RowPointers rows;
  for (const Color *from = colors.begin(), *end = colors.end(); from != end;) {
    const int raw = RawRows(c.x, y, z, static_cast<int32_t>(end - from), rows);
    // In line, 16 bytes at a time: a row was often stored just now in parts of that size, and a
    // wider load, such as memmove's, would wait until they have reached the cache, behind the
    // lines of all bricks written before.
    for (int row = 0; row < raw; ++row, from += kBrickSize, c.x += kBrickSize) {
      std::memcpy(rows[row], from, kBrickSize * sizeof(Color));
    }
    if (raw > 0) continue;
    Slot* slot = OwnedBrickAt(c);
    if (slot == nullptr) {
      SetThroughShared(c, *from++);
      ++c.x;
      continue;
    }
    // The slots of a node run along x, so the next brick needs no walk.
    do {
      const auto n = static_cast<int>(std::min<ptrdiff_t>(end - from, kBrickSize - (c.x & 15)));
      WriteRow(*slot, internal::VoxelIndex(c), from, n, new_bytes_);
      c.x += n;
      from += n;
      ++slot;
    } while (from != end && (c.x & (kNodeSide - 1)) != 0 && slot->owned());
  }
}

int VolumeEditor::RawRows(int32_t x, int32_t y, int32_t z, int32_t n, RowPointers& rows) {
  constexpr int kBricks = internal::CubeSize(kNearHeight) / kBrickSize;  // of the node, along x
  constexpr int kBricksOfNode = kNodeSide / kBrickSize;                  // of each one below it
  static_assert(std::tuple_size_v<RowPointers> == kBricks);
  const Coord c{x, y, z};
  if ((x & (kBrickSize - 1)) != 0 ||
      !internal::InCube(c, near_min_, internal::CubeBits(kNearHeight))) {
    return 0;
  }
  const int first = x >> kBrickBits & (kBricks - 1);
  const int most = std::min(n >> kBrickBits, kBricks - first);
  const Slot* const nodes = &near_->slots[ChildIndex({0, y, z}, kNearHeight)];
  const int child = ChildIndex({0, y, z}, 1);
  const int voxel = internal::VoxelIndex(c);
  for (int i = 0; i < most; ++i) {
    const int brick = first + i;
    const Slot node = nodes[brick / kBricksOfNode];
    if (!node.owned()) return i;
    const Slot slot = node.owned_node()->slots[child + brick % kBricksOfNode];
    if (slot.tag() != internal::kOwnedRaw) return i;
    rows[i] = internal::RawVoxels(slot) + voxel;
  }
  return most;
}

ABSL_ATTRIBUTE_NOINLINE void VolumeEditor::SetThroughShared(Coord c, Color color) {
  if (Get(c) == color) return;  // nothing to copy for
  Slot* slot = TopFor(c);
  for (int height = kTopHeight; height > 0; --height) {
    OwnNode(*slot, height, new_bytes_);
    internal::Node* const node = slot->node();
    if (height == kNearHeight) {
      near_ = node;
      near_min_ = CubeMin(c, kNearHeight);
    }
    slot = &node->slots[ChildIndex(c, height)];
  }
  OwnBrick(*slot, new_bytes_);
  WriteWidening(*slot, internal::VoxelIndex(c), color, new_bytes_);
}

absl::Status VolumeEditor::MapRegion(const Box& box, const RegionKernel& kernel,
                                     const TaskContext& context, MapCount& count) {
  ForgetPlaces();
  const Box inside = box.Intersection(kWorld);
  if (inside.empty()) return absl::OkStatus();
  return internal::RegionMapper(*table_, inside, kernel, context, count, new_bytes_).Run();
}

void VolumeEditor::PutSlot(Coord min, int height, Slot next) {
  if (height >= kNearHeight) ForgetPlaces();  // the node may be what is replaced
  Slot* slot = TopFor(min);
  for (int h = kTopHeight; h > height; --h) {
    OwnNode(*slot, h, new_bytes_);
    slot = &slot->node()->slots[ChildIndex(min, h)];
  }
  new_bytes_ -= internal::DropSlot(*slot, height);
  *slot = next;
}

void VolumeEditor::PutCube(Coord min, int32_t size, Color color) {
  int height = 0;
  while (internal::CubeSize(height) < size) ++height;
  VOXEL_CHECK(internal::CubeSize(height) == size && height <= kTopHeight);
  VOXEL_CHECK(InWorld(min) && CubeMin(min, height) == min);
  const Slot* top = table_->Find(internal::RegionKey(min));
  const Slot old = top != nullptr ? internal::Descend(*top, min, height) : Slot();
  if (old != Slot::Uniform(color)) PutSlot(min, height, Slot::Uniform(color));
}

void VolumeEditor::PutBrick(Coord min, const DenseBrick& voxels) {
  VOXEL_CHECK(InWorld(min) && CubeMin(min, 0) == min);
  const Slot slot = internal::EncodeBrick(voxels);
  if (slot.uniform()) return PutCube(min, kBrickSize, slot.color());
  new_bytes_ += internal::SlotBytes(slot, 0);
  PutSlot(min, 0, slot);
}

void VolumeEditor::ShareBrick(Coord min, const Brick* brick) {
  VOXEL_CHECK(InWorld(min) && CubeMin(min, 0) == min);
  internal::RefBrick(brick);
  PutSlot(min, 0, Slot::Shared(brick));
}

void VolumeEditor::Canonicalize() {
  ForgetPlaces();
  table_->Sort();
  const absl::Span<const Region> base = VolumeInternals::Regions(base_);
  size_t at = 0;
  int64_t freed = 0;
  for (Region& region : table_->regions()) {
    while (at < base.size() && base[at].key < region.key) ++at;
    const bool known = at < base.size() && base[at].key == region.key;
    internal::Canonicalize(region.slot, known ? base[at].slot : Slot(), kTopHeight, freed);
  }
  new_bytes_ -= freed;
}

Volume VolumeEditor::Snapshot() {
  Canonicalize();
  std::vector<Region> regions;
  for (const Region& region : table_->regions()) {
    if (region.slot.air()) continue;
    internal::RefSlot(region.slot, kTopHeight);
    regions.push_back(region);
  }
  const absl::Span<const Region> base = VolumeInternals::Regions(base_);
  Volume snapshot = VolumeInternals::Make(std::move(regions));
  return VolumeInternals::Regions(snapshot) == base ? base_ : snapshot;
}

Volume VolumeEditor::Commit() {
  Volume result = Snapshot();
  table_ = std::make_unique<internal::RegionTable>(absl::Span<const Region>());
  base_ = Volume();
  new_bytes_ = 0;
  return result;
}

}  // namespace voxel
