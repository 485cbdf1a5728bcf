#include "voxel/grid/brick_encode.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace voxel::internal {
namespace {

constexpr int kMany = -1;

// Colours in order of first use, found again by hashing. At most kByteColors of them.
class PaletteBuilder {
 public:
  // The index of `color`, added if new; kMany if there is no more room. REQUIRES: color is not air.
  int Index(Color color) {
    for (uint32_t at = color * 0x9e3779b1u >> 23;; at = (at + 1) & (kBuckets - 1)) {
      const int entry = buckets_[at];
      if (entry == 0) return Add(color, at);
      if (colors_[entry - 1] == color) return entry - 1;
    }
  }

  int size() const { return size_; }
  const Color* colors() const { return colors_; }

 private:
  static constexpr uint32_t kBuckets = 512;  // twice the colours; the shift above yields 9 bits

  int Add(Color color, uint32_t bucket) {
    if (size_ == kByteColors) return kMany;
    colors_[size_++] = color;
    buckets_[bucket] = static_cast<uint16_t>(size_);
    return size_ - 1;
  }

  uint16_t buckets_[kBuckets] = {};  // index + 1; 0: free
  Color colors_[kByteColors];
  int size_ = 0;
};

Brick* EncodeRaw(const DenseBrick& voxels) {
  Brick* brick = NewBrick(Width::kRaw, false);
  std::memcpy(brick->raw(), voxels.data(), sizeof(voxels));
  for (int w = 0; w < kBrickVoxels / 64; ++w) {
    uint64_t bits = 0;
    for (int k = 0; k < 64; ++k) bits |= uint64_t{voxels[w << 6 | k] != kAir} << k;
    brick->occupancy.words[w] = bits;
  }
  return brick;
}

// Fills palette and indices of a brick whose occupancy is given.
Brick* EncodePalette(const PaletteBuilder& palette, const uint8_t* indices, const BrickMask& mask) {
  const Width width = palette.size() == 1               ? Width::kOne
                      : palette.size() <= kNibbleColors ? Width::kNibble
                                                        : Width::kByte;
  Brick* brick = NewBrick(width, false);
  brick->colors = static_cast<uint16_t>(palette.size());
  brick->occupancy = mask;
  std::copy_n(palette.colors(), palette.size(), brick->palette());
  if (width == Width::kByte) {
    std::memcpy(brick->indices(), indices, kBrickVoxels);
  } else if (width == Width::kNibble) {
    uint8_t* out = brick->indices();
    for (int i = 0; i < kBrickVoxels / 2; ++i) {
      out[i] = static_cast<uint8_t>(indices[2 * i] | indices[2 * i + 1] << 4);
    }
  }
  return brick;
}

Slot Finished(Brick* brick) {
  brick->count = static_cast<uint16_t>(brick->occupancy.Count());
  return Slot::Shared(brick);
}

bool AllEqual(const DenseBrick& voxels) {
  // In blocks, so that the compiler can use wide compares and a mixed brick is left early.
  constexpr int kBlock = 256;
  for (int begin = 0; begin < kBrickVoxels; begin += kBlock) {
    Color differs = 0;
    for (int i = begin; i < begin + kBlock; ++i) differs |= voxels[i] ^ voxels[0];
    if (differs != 0) return false;
  }
  return true;
}

// Each bit of a byte as one nibble, 0 or 1.
constexpr uint32_t NibblesOf(uint32_t bits) {
  uint32_t out = 0;
  for (int k = 0; k < 8; ++k) out |= (bits >> k & 1) << (4 * k);
  return out;
}

struct NibbleTable {
  uint32_t of[256];
  constexpr NibbleTable() : of() {
    for (uint32_t i = 0; i < 256; ++i) of[i] = NibblesOf(i);
  }
};
constexpr NibbleTable kNibbles;

int FirstVoxel(const BrickMask& mask) {
  int w = 0;
  while (mask.words[w] == 0) ++w;
  return w << 6 | std::countr_zero(mask.words[w]);
}

BrickMask Not(const BrickMask& mask) {
  BrickMask out;
  for (size_t w = 0; w < out.words.size(); ++w) out.words[w] = ~mask.words[w];
  return out;
}

Slot EncodeOne(const BrickMask& mask, Color color) {
  Brick* brick = NewBrick(Width::kOne);
  brick->occupancy = mask;
  brick->palette()[0] = color;
  brick->colors = 1;
  return Finished(brick);
}

// Whether any of 8 bytes is at least `n`. REQUIRES: 0 < n <= 255.
bool AnyByteAtLeast(uint64_t bytes, int n) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kTops = kOnes * 0x80;
  const uint64_t low = bytes & ~kTops;  // sums of two 7-bit numbers stay in their byte
  if (n <= 128) return (((low + kOnes * static_cast<uint64_t>(128 - n)) | bytes) & kTops) != 0;
  return ((low + kOnes * static_cast<uint64_t>(256 - n)) & bytes & kTops) != 0;
}

// Whether the palette of a brick written in place is still in order of first use, without unused
// entries. Looks at 8 index bytes together: only an index not seen before can matter, and air's is
// 0.
bool PaletteInOrder(const Brick* brick) {
  if (brick->IndexOf(FirstVoxel(brick->occupancy)) != 0) return false;
  constexpr uint64_t kLowNibbles = 0x0f0f0f0f0f0f0f0f;
  constexpr int kStep = 8;  // bytes
  const int per_byte = brick->width == Width::kNibble ? 2 : 1;
  int next = 1;  // the smallest index not seen yet
  for (int at = 0; at < kBrickVoxels / per_byte && next < brick->colors; at += kStep) {
    uint64_t bytes;
    std::memcpy(&bytes, brick->indices() + at, kStep);
    const bool fresh = per_byte == 1 ? AnyByteAtLeast(bytes, next)
                                     : AnyByteAtLeast(bytes & kLowNibbles, next) ||
                                           AnyByteAtLeast(bytes >> 4 & kLowNibbles, next);
    if (!fresh) continue;
    for (int i = at * per_byte; i < (at + kStep) * per_byte; ++i) {
      const int index = brick->IndexOf(i);
      if (index > next) return false;
      next += index == next;
    }
  }
  return next == brick->colors;
}

// A nibble brick with its palette put in order of first use, without the colours no voxel has;
// nullptr if one colour or none is left, which takes another form. Cost: an index scan, no
// decoding.
Brick* Reordered(const Brick* brick) {
  int position[kNibbleColors];  // new index of each old one
  std::fill_n(position, kNibbleColors, kMany);
  int colors = 0;
  for (int w = 0; w < kBrickVoxels / 64 && colors < brick->colors; ++w) {
    uint64_t bits = brick->occupancy.words[w];
    for (; bits != 0; bits &= bits - 1) {
      const int index = brick->IndexOf(w << 6 | std::countr_zero(bits));
      if (position[index] == kMany) position[index] = colors++;
    }
  }
  if (colors < 2) return nullptr;
  Brick* out = NewBrick(Width::kNibble, false);
  out->occupancy = brick->occupancy;
  out->colors = static_cast<uint16_t>(colors);
  for (int i = 0; i < brick->colors; ++i) {
    if (position[i] != kMany) out->palette()[position[i]] = brick->palette()[i];
  }
  uint8_t pair_of[256];  // two indices at a time
  for (int i = 0; i < 256; ++i) {
    pair_of[i] = static_cast<uint8_t>((position[i & 15] & 15) | (position[i >> 4] & 15) << 4);
  }
  for (int i = 0; i < kBrickVoxels / 2; ++i) out->indices()[i] = pair_of[brick->indices()[i]];
  // Air's index is 0 whatever the entry of that number became.
  if (position[0] == 0) return out;
  for (int i = 0; i < kBrickVoxels; ++i) {
    if (brick->occupancy.Get(i)) continue;
    out->indices()[i >> 1] &= static_cast<uint8_t>((i & 1) != 0 ? 0x0f : 0xf0);
  }
  return out;
}

}  // namespace

Slot EncodeBrick(const DenseBrick& voxels) {
  if (AllEqual(voxels)) return Slot::Uniform(voxels[0]);
  PaletteBuilder palette;
  BrickMask mask;
  uint8_t indices[kBrickVoxels];
  Color last = kAir;
  int index = 0;  // of `last`
  for (int w = 0; w < kBrickVoxels / 64; ++w) {
    uint64_t bits = 0;
    for (int k = 0; k < 64; ++k) {
      const Color color = voxels[w << 6 | k];
      if (color != last) {
        last = color;
        index = color == kAir ? 0 : palette.Index(color);
        if (index == kMany) return Finished(EncodeRaw(voxels));
      }
      indices[w << 6 | k] = static_cast<uint8_t>(index);
      bits |= uint64_t{color != kAir} << k;
    }
    mask.words[w] = bits;
  }
  return Finished(EncodePalette(palette, indices, mask));
}

Slot EncodeTwo(const BrickMask& mask, Color set, Color clear) {
  if (set == clear || mask.All()) return Slot::Uniform(set);
  if (mask.None()) return Slot::Uniform(clear);
  if (clear == kAir) return EncodeOne(mask, set);
  if (set == kAir) return EncodeOne(Not(mask), clear);
  Brick* brick = NewBrick(Width::kNibble, false);
  brick->occupancy.words.fill(~uint64_t{0});
  brick->colors = 2;
  const bool set_first = mask.Get(0);
  brick->palette()[0] = set_first ? set : clear;
  brick->palette()[1] = set_first ? clear : set;
  for (size_t w = 0; w < mask.words.size(); ++w) {
    const uint64_t second = set_first ? ~mask.words[w] : mask.words[w];
    for (int byte = 0; byte < 8; ++byte) {
      const uint32_t nibbles = kNibbles.of[second >> (8 * byte) & 255];
      std::memcpy(brick->indices() + 32 * w + 4 * byte, &nibbles, 4);
    }
  }
  return Finished(brick);
}

Slot Canonical(Brick* brick) {
  if (brick->width == Width::kOne) {
    const int count = brick->occupancy.Count();
    if (count == 0) return Slot();
    if (count == kBrickVoxels) return Slot::Uniform(brick->palette()[0]);
    brick->count = static_cast<uint16_t>(count);
    return Slot::Shared(brick);
  }
  const int narrower = brick->width == Width::kNibble ? 1 : kNibbleColors;
  if (brick->colors > narrower && !brick->occupancy.None() && PaletteInOrder(brick)) {
    brick->count = static_cast<uint16_t>(brick->occupancy.Count());
    return Slot::Shared(brick);
  }
  if (brick->width == Width::kNibble) {
    if (Brick* reordered = Reordered(brick)) return Finished(reordered);
  }
  DenseBrick voxels;
  BrickDecode(brick, voxels);
  return EncodeBrick(voxels);
}

}  // namespace voxel::internal
