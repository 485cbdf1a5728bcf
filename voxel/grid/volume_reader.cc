#include <algorithm>
#include <array>
#include <bit>

#include "absl/base/attributes.h"
#include "voxel/grid/brick_read.h"
#include "voxel/grid/root.h"
#include "voxel/grid/volume.h"
#include "voxel/grid/voxel_place.h"

namespace voxel {

using internal::Slot;

namespace {

constexpr int kReaderHeight = 2;  // of the cube that a reader remembers

}  // namespace

VolumeReader::VolumeReader(const Volume& volume) : root_(volume.root_) { FindNear({0, 0, 0}); }

ABSL_ATTRIBUTE_NOINLINE void VolumeReader::FindNear(Coord c) {
  if (!internal::InCube(c, region_min_, internal::kTopBits)) {
    const Slot region = root_ == nullptr ? Slot() : internal::FindRegion(root_->regions(), c);
    region_min_ = internal::CubeMin(c, internal::kTopHeight);
    region_slot_ = std::bit_cast<uint64_t>(region);
  }
  near_min_ = internal::CubeMin(c, kReaderHeight);
  near_slot_ = std::bit_cast<uint64_t>(
      internal::Descend<internal::kTopHeight>(std::bit_cast<Slot>(region_slot_), c, kReaderHeight));
}

inline uint64_t VolumeReader::SlotBitsAt(Coord c) {
  if (!internal::InCube(c, near_min_, internal::CubeBits(kReaderHeight))) FindNear(c);
  const auto near = std::bit_cast<Slot>(near_slot_);
  return std::bit_cast<uint64_t>(internal::Descend<kReaderHeight>(near, c, 0));
}

Color VolumeReader::Get(Coord c) {
  const auto slot = std::bit_cast<Slot>(SlotBitsAt(c));
  return slot.uniform() ? slot.color() : internal::GetVoxel(slot, internal::VoxelIndex(c));
}

void VolumeReader::GetMany(absl::Span<const Coord> places, Color* out) {
  // As many as the processor can wait for at a time.
  constexpr size_t kBatch = 32;
  std::array<internal::VoxelPlace, kBatch> batch;
  for (; !places.empty(); places.remove_prefix(std::min(kBatch, places.size()))) {
    const size_t n = std::min(kBatch, places.size());
    for (size_t i = 0; i < n; ++i) {
      batch[i].Find(std::bit_cast<Slot>(SlotBitsAt(places[i])), internal::VoxelIndex(places[i]));
      batch[i].Ask();
    }
    for (size_t i = 0; i < n; ++i) *out++ = batch[i].Read();
  }
}

}  // namespace voxel
