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

// The word with its neighbours along x.
uint64_t Wide(uint64_t word) { return word | (word & ~kHighX) << 1 | (word & ~kLowX) >> 1; }

// Both neighbours along y of each row of word i; those of words that are not there are clear.
uint64_t BesideY(const BrickMask& mask, int i) {
  uint64_t word = mask.words[i] << 16 | mask.words[i] >> 16;
  if ((i & 3) != 0) word |= mask.words[i - 1] >> 48;
  if ((i & 3) != 3) word |= mask.words[i + 1] << 48;
  return word;
}

// As Grown, over edges as well, or over corners as well.
uint64_t GrownAround(const BrickMask& region, uint64_t open, int i, bool corners) {
  uint64_t sides = region.words[i] | BesideY(region, i);
  uint64_t diagonals = 0;
  for (const int slice : {i - kWordsPerSlice, i + kWordsPerSlice}) {
    if (slice < 0 || slice >= 64) continue;
    sides |= region.words[slice];
    diagonals |= BesideY(region, slice);
  }
  return FillRows((Wide(sides) | (corners ? Wide(diagonals) : diagonals)) & open, open);
}

// Grows word after word by `grown(i)`. Sweeps in alternating directions: each carries a front
// through the whole brick.
template <typename Fn>
void Sweep(BrickMask& region, Fn&& grown) {
  for (bool changed = true; changed;) {
    changed = false;
    for (int step = 0; step < 128; ++step) {
      const int i = step < 64 ? step : 127 - step;
      const uint64_t word = grown(i);
      changed = changed || word != region.words[i];
      region.words[i] = word;
    }
  }
}

// The voxels of `mask` and those beside them along an axis.
BrickMask Widened(const BrickMask& mask, int axis) {
  BrickMask out = mask;
  for (int i = 0; i < 64; ++i) {
    if (axis == 0) {
      out.words[i] = Wide(mask.words[i]);
    } else if (axis == 1) {
      out.words[i] |= BesideY(mask, i);
    } else {
      if (i >= kWordsPerSlice) out.words[i] |= mask.words[i - kWordsPerSlice];
      if (i + kWordsPerSlice < 64) out.words[i] |= mask.words[i + kWordsPerSlice];
    }
  }
  return out;
}

}  // namespace

void FloodMask(const BrickMask& open, BrickMask& region) {
  Sweep(region, [&](int i) { return Grown(region, open.words[i], i); });
}

void FloodMask(const BrickMask& open, Neighbours neighbours, BrickMask& region) {
  if (neighbours == Neighbours::kFaces) return FloodMask(open, region);
  const bool corners = neighbours == Neighbours::kCorners;
  Sweep(region, [&](int i) { return GrownAround(region, open.words[i], i, corners); });
}

BrickMask CrossSide(const BrickMask& mask, Coord side, Neighbours neighbours) {
  const int left = ReachOf(neighbours) - StepsOf(side);  // axes along which one may step besides
  if (left < 0) return {};
  BrickMask entry = mask;
  for (int axis = 0; axis < 3; ++axis) {
    if (side[axis] != 0) entry = CrossFace(entry, axis, side[axis] > 0);
  }
  if (left == 0) return entry;
  const BrickMask straight = entry;
  for (int axis = 0; axis < 3; ++axis) {
    if (side[axis] != 0) continue;
    if (left > 1) {
      entry = Widened(entry, axis);
      continue;
    }
    const BrickMask wide = Widened(straight, axis);
    for (size_t i = 0; i < entry.words.size(); ++i) entry.words[i] |= wide.words[i];
  }
  return entry;
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
