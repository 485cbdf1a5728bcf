// Numbers colours in the order in which they come, by open addressing. Private to voxel/grid.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <type_traits>

#include "voxel/grid/color.h"

namespace voxel::internal {

template <int kMost>
class ColorNumbers {
 public:
  static constexpr int kMany = -1;

  // The number of `color`, the next one if it is new; kMany if there are kMost others already.
  // REQUIRES: color is not air.
  int Of(Color color) {
    for (uint32_t at = color * 0x9e3779b1u >> kShift;; at = (at + 1) & (kBuckets - 1)) {
      const int entry = buckets_[at];
      if (entry == 0) return Add(color, at);
      if (colors_[entry - 1] == color) return entry - 1;
    }
  }
  const Color* colors() const { return colors_.data(); }  // by number
  int size() const { return size_; }

 private:
  static constexpr uint32_t kBuckets = 2 * kMost;
  static constexpr int kShift = 32 - std::bit_width(kBuckets - 1);
  static_assert(std::has_single_bit(kBuckets));
  using Entry = std::conditional_t<(kMost < 256), uint8_t, uint16_t>;

  int Add(Color color, uint32_t bucket) {
    if (size_ == kMost) return kMany;
    colors_[size_++] = color;
    buckets_[bucket] = static_cast<Entry>(size_);
    return size_ - 1;
  }

  std::array<Entry, kBuckets> buckets_{};  // number + 1; 0: free
  std::array<Color, kMost> colors_;
  int size_ = 0;
};

}  // namespace voxel::internal
