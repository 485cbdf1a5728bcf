#include "voxel/grid/sparse_brick.h"

#include <algorithm>
#include <array>

#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/color_numbers.h"

namespace voxel::internal {
namespace {

// Puts voxels into a brick, in voxel order: its mask, its ranks, its count.
class Marker {
 public:
  explicit Marker(Brick* brick) : brick_(brick) { brick->ranks[0] = 0; }

  void Mark(int voxel) {
    const int word = voxel >> 6;
    if (word != word_) Leave(word);
    bits_ |= uint64_t{1} << (voxel & 63);
    ++count_;
  }
  void Finish() {
    Leave(kBrickVoxels / 64);
    brick_->count = static_cast<uint16_t>(count_);
  }

 private:
  // Goes on from the word that is full to a later one.
  void Leave(int word) {
    brick_->mask().words[static_cast<size_t>(word_)] = bits_;
    for (int pair = (word_ >> 1) + 1; pair <= std::min(word >> 1, kLastRank); ++pair) {
      brick_->ranks[static_cast<size_t>(pair)] = static_cast<uint8_t>(count_);
    }
    bits_ = 0;
    word_ = word;
  }

  static constexpr int kLastRank = kBrickVoxels / 128 - 1;

  Brick* const brick_;
  uint64_t bits_ = 0;  // of the word
  int word_ = 0;
  int count_ = 0;
};

bool OneColor(absl::Span<const VoxelWrite> voxels) {
  return std::all_of(voxels.begin(), voxels.end(),
                     [&](const VoxelWrite& voxel) { return voxel.color == voxels[0].color; });
}

}  // namespace

Slot EncodeSparse(absl::Span<const VoxelWrite> voxels) {
  if (voxels.empty()) return Slot();
  const bool one = OneColor(voxels);
  Brick* const brick = NewBrick({one ? Width::kOne : Width::kSparse, true}, false);
  Marker marker(brick);
  for (const VoxelWrite& voxel : voxels) marker.Mark(voxel.index);
  marker.Finish();
  if (one) {
    brick->palette()[0] = voxels[0].color;
    brick->colors = 1;
  } else {
    ColorNumbers<kSparseVoxels> numbers;
    uint8_t* next = brick->indices();
    for (const VoxelWrite& voxel : voxels) *next++ = static_cast<uint8_t>(numbers.Of(voxel.color));
    std::copy_n(numbers.colors(), numbers.size(), brick->palette());
    brick->colors = static_cast<uint16_t>(numbers.size());
  }
  return Slot::Shared(brick);
}

bool StaysSparse(Slot old, size_t writes) {
  if (writes > kSparseVoxels || (old.uniform() && !old.air())) return false;
  const size_t before = old.uniform() ? 0 : old.brick()->count;
  return before + writes <= kSparseVoxels;
}

Slot WithSparse(Slot old, absl::Span<const VoxelWrite> writes) {
  std::array<VoxelWrite, kSparseVoxels> merged;
  size_t count = 0;
  size_t left = writes.size();
  // Those in front of the voxel, and whether one of them is the voxel.
  const auto take = [&](int voxel) {
    bool there = false;
    for (; left > 0 && writes[left - 1].index <= voxel; --left) {
      const VoxelWrite& write = writes[left - 1];
      if (write.color != kAir) merged[count++] = write;
      there = write.index == voxel;
    }
    return there;
  };
  if (!old.uniform()) {
    const Brick* const brick = old.brick();
    ForEachBit(brick->occupancy(), [&](int voxel) {
      if (!take(voxel)) merged[count++] = {voxel, brick->palette()[brick->IndexOf(voxel)]};
    });
  }
  take(kBrickVoxels);
  return EncodeSparse({merged.data(), count});
}

}  // namespace voxel::internal
