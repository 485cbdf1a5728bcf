#include "voxel/ops/mask_flood.h"

namespace voxel {
namespace {

// A word holds four rows (y) of sixteen voxels (x); four words make a slice (z).
constexpr int kWordsPerSlice = 4;
constexpr uint64_t kLowX = 0x0001000100010001;   // x = 0 of each row
constexpr uint64_t kHighX = 0x8000800080008000;  // x = 15

// Spreads the bits of `word` along their rows through `open`.
uint64_t FillRows(uint64_t word, uint64_t open) {
  for (uint64_t before = 0; before != word;) {
    before = word;
    word |= ((word & ~kHighX) << 1 | (word & ~kLowX) >> 1) & open;
  }
  return word;
}

// One word of the region after what its neighbours and itself lend it.
uint64_t Grown(const BrickMask& region, uint64_t open, int i) {
  const auto& words = region.words;
  uint64_t word = words[i];
  word |= word << 16 | word >> 16;
  if ((i & 3) != 0) word |= words[i - 1] >> 48;
  if ((i & 3) != 3) word |= words[i + 1] << 48;
  if (i >= kWordsPerSlice) word |= words[i - kWordsPerSlice];
  if (i + kWordsPerSlice < 64) word |= words[i + kWordsPerSlice];
  return FillRows(word & open, open);
}

}  // namespace

void FloodMask(const BrickMask& open, BrickMask& region) {
  // Sweeps in alternating directions: each carries a front through the whole brick.
  for (bool changed = true; changed;) {
    changed = false;
    for (int step = 0; step < 128; ++step) {
      const int i = step < 64 ? step : 127 - step;
      const uint64_t word = Grown(region, open.words[i], i);
      changed = changed || word != region.words[i];
      region.words[i] = word;
    }
  }
}

BrickMask CrossFace(const BrickMask& mask, int axis, bool high) {
  BrickMask out;
  for (int i = 0; i < 64; ++i) {
    const uint64_t word = mask.words[i];
    if (axis == 0) {
      out.words[i] = high ? (word & kHighX) >> 15 : (word & kLowX) << 15;
    } else if (axis == 1) {
      // y = 15 is the top row of the last word of a slice, y = 0 the bottom row of the first.
      if (high && (i & 3) == 3) out.words[i - 3] = word >> 48;
      if (!high && (i & 3) == 0) out.words[i + 3] = word << 48;
    } else {
      if (high && i >= 60) out.words[i - 60] = word;
      if (!high && i < 4) out.words[i + 60] = word;
    }
  }
  return out;
}

}  // namespace voxel
