#include "voxel/grid/volume.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "voxel/grid/brick_read.h"
#include "voxel/grid/root.h"

namespace voxel {

using internal::CubeMin;
using internal::kTopHeight;
using internal::Region;
using internal::RegionMin;
using internal::Slot;

namespace {

// kAskAhead: for the bricks' colours, while fn is busy with the one before.
template <bool kAskAhead>
bool VisitCells(Slot slot, Coord min, int height, const Box& box,
                absl::FunctionRef<bool(const Cell&)> fn) {
  if (slot.air()) return true;
  if (slot.uniform() || height == 0) return fn(internal::CellOf(slot, min, height));
  const bool whole = box.Contains(internal::CubeBox(min, height));
  for (int i = 0; i < internal::kFan; ++i) {
    const Slot child = slot.node()->slots[i];
    if (kAskAhead && height == 1 && i + 1 < internal::kFan) {
      internal::AskForBrick(slot.node()->slots[i + 1]);
    }
    if (child.air()) continue;
    const Coord corner = internal::ChildMin(min, i, height);
    if (!whole && !box.Intersects(internal::CubeBox(corner, height - 1))) continue;
    if (!VisitCells<kAskAhead>(child, corner, height - 1, box, fn)) return false;
  }
  return true;
}

// Finds what one volume holds alone: pairs of cubes are walked until they are shared.
class UnsharedBytes {
 public:
  void Add(Slot slot, Slot other, int height) {
    if (slot == other) return;
    if (!slot.uniform()) mine_.emplace(Pointer(slot, height), OwnBytes(slot, height));
    if (!other.uniform()) others_.insert(Pointer(other, height));
    if (height == 0 || (slot.uniform() && other.uniform())) return;
    for (int i = 0; i < internal::kFan; ++i) {
      // A uniform slot stands for cubes without bytes, so its children need no look.
      const Slot mine = slot.uniform() ? Slot() : slot.node()->slots[i];
      const Slot theirs = other.uniform() ? Slot() : other.node()->slots[i];
      if (mine != theirs) Add(mine, theirs, height - 1);
    }
  }

  int64_t Total() const {
    int64_t bytes = 0;
    for (const auto& [pointer, size] : mine_) {
      if (!others_.contains(pointer)) bytes += size;
    }
    return bytes;
  }

 private:
  static const void* Pointer(Slot slot, int height) {
    return height == 0 ? static_cast<const void*>(slot.brick()) : slot.node();
  }
  static int64_t OwnBytes(Slot slot, int height) {
    return height == 0 ? internal::SlotBytes(slot, 0) : internal::NodeBytes();
  }

  absl::flat_hash_map<const void*, int64_t> mine_;
  absl::flat_hash_set<const void*> others_;
};

// Copies the part of a cell that lies in `box` to the box's array.
void CopyCell(const Cell& cell, const Box& box, Color* out) {
  const Box part = cell.box().Intersection(box);
  // Decoding a whole brick pays from about half of it on.
  const bool decode = cell.brick != nullptr && part.Voxels() >= kBrickVoxels / 2;
  DenseBrick voxels;
  if (decode) BrickDecode(cell.brick, voxels);
  const int64_t width = box.Size(0);
  const int64_t run = part.Size(0);
  for (int32_t z = part.min.z; z < part.max.z; ++z) {
    for (int32_t y = part.min.y; y < part.max.y; ++y) {
      const int64_t row = (int64_t{z} - box.min.z) * box.Size(1) + (int64_t{y} - box.min.y);
      Color* to = out + row * width + (int64_t{part.min.x} - box.min.x);
      if (cell.brick == nullptr) {
        std::fill_n(to, run, cell.color);
        continue;
      }
      const int first = internal::VoxelIndex({part.min.x, y, z});
      if (decode) {
        std::copy_n(&voxels[first], run, to);
      } else {
        for (int k = 0; k < run; ++k) to[k] = cell.brick->Get(first + k);
      }
    }
  }
}

}  // namespace

Volume::Volume(const Volume& other) : root_(other.root_) {
  if (root_ != nullptr) root_->Ref();
}
Volume::Volume(Volume&& other) noexcept : root_(std::exchange(other.root_, nullptr)) {}
Volume& Volume::operator=(Volume other) noexcept {
  std::swap(root_, other.root_);
  return *this;
}
Volume::~Volume() {
  if (root_ != nullptr) root_->Unref();
}

Color Volume::Get(Coord c) const {
  const Slot top = internal::FindRegion(VolumeInternals::Regions(*this), c);
  const Slot slot = internal::Descend(top, c, 0);
  return slot.uniform() ? slot.color() : internal::GetVoxel(slot, internal::VoxelIndex(c));
}

bool Volume::empty() const { return root_ == nullptr; }
int64_t Volume::CountVoxels() const { return root_ == nullptr ? 0 : root_->count(); }
Box Volume::Bounds() const { return root_ == nullptr ? Box() : root_->Bounds(); }
uint64_t Volume::ContentHash() const { return root_ == nullptr ? 0 : root_->Hash(); }
int64_t Volume::Bytes() const { return root_ == nullptr ? 0 : root_->bytes(); }

int64_t Volume::BytesNotIn(const Volume& other) const {
  if (root_ == other.root_) return 0;
  UnsharedBytes unshared;
  const absl::Span<const Region> theirs = VolumeInternals::Regions(other);
  size_t at = 0;
  for (const Region& region : VolumeInternals::Regions(*this)) {
    while (at < theirs.size() && theirs[at].key < region.key) ++at;
    const bool known = at < theirs.size() && theirs[at].key == region.key;
    unshared.Add(region.slot, known ? theirs[at].slot : Slot(), kTopHeight);
  }
  return unshared.Total();
}

void Volume::ForEachCell(const Box& box, absl::FunctionRef<bool(const Cell&)> fn) const {
  const absl::Span<const Region> regions = VolumeInternals::Regions(*this);
  internal::ForEachRegion(regions, box, [&](size_t i) {
    return VisitCells<false>(regions[i].slot, RegionMin(regions[i].key), kTopHeight, box, fn);
  });
}

void Volume::ForEachColors(const Box& box,
                           absl::FunctionRef<bool(const Cell&, const Color*)> fn) const {
  alignas(64) DenseBrick colors;
  const auto decoded = [&](const Cell& cell) {
    if (cell.brick == nullptr) return fn(cell, nullptr);
    BrickDecode(cell.brick, colors);
    return fn(cell, colors.data());
  };
  const absl::Span<const Region> regions = VolumeInternals::Regions(*this);
  internal::ForEachRegion(regions, box, [&](size_t i) {
    return VisitCells<true>(regions[i].slot, RegionMin(regions[i].key), kTopHeight, box, decoded);
  });
}

Cell Volume::CellAt(Coord min) const {
  const Slot top = internal::FindRegion(VolumeInternals::Regions(*this), min);
  return internal::CellOf(internal::Descend(top, min, 0), min, 0);
}

Cell Volume::CellOf(Coord c) const {
  Slot slot = internal::FindRegion(VolumeInternals::Regions(*this), c);
  int height = kTopHeight;
  while (height > 0 && !slot.uniform()) {
    slot = slot.node()->slots[internal::ChildIndex(c, height--)];
  }
  return internal::CellOf(slot, CubeMin(c, height), height);
}

void Volume::ReadBox(const Box& box, Color* out) const {
  if (box.empty()) return;
  std::fill_n(out, box.Voxels(), kAir);
  ForEachCell(box, [&](const Cell& cell) {
    CopyCell(cell, box, out);
    return true;
  });
}

}  // namespace voxel
