#include "voxel/grid/brick_blend.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/brick_encode.h"
#include "voxel/grid/indexed_brick.h"

namespace voxel::internal {
namespace {

constexpr int kAirIndex = kNibbleColors;  // stands for air beside 16 colours

// Bit k of a byte as byte k, 0 or 255.
constexpr std::array<uint64_t, 256> kBytesOf = [] {
  std::array<uint64_t, 256> table{};
  for (uint64_t bits = 0; bits < 256; ++bits) {
    for (int k = 0; k < 8; ++k) table[bits] |= (bits >> k & 1) * (uint64_t{255} << (8 * k));
  }
  return table;
}();

// Eight nibbles as eight bytes.
uint64_t SpreadNibbles(uint64_t v) {
  v = (v | v << 16) & 0x0000ffff0000ffff;
  v = (v | v << 8) & 0x00ff00ff00ff00ff;
  return (v | v << 4) & 0x0f0f0f0f0f0f0f0f;
}

// The index of each voxel of a brick of at most 16 colours, kAirIndex for air.
void UnpackIndices(const Brick* brick, uint8_t out[kBrickVoxels]) {
  constexpr uint64_t kAllAir = 0x0101010101010101 * kAirIndex;
  const BrickMask& occupancy = brick->occupancy();
  if (brick->width() == Width::kSparse) {
    std::fill_n(out, kBrickVoxels, kAirIndex);
    const uint8_t* next = brick->indices();
    return ForEachBit(occupancy, [&](int voxel) { out[voxel] = *next++; });
  }
  for (int at = 0; at < kBrickVoxels; at += 8) {
    uint64_t indices = 0;
    if (brick->width() == Width::kNibble) {
      uint32_t nibbles;
      std::memcpy(&nibbles, brick->indices() + at / 2, sizeof nibbles);
      indices = SpreadNibbles(nibbles);
    }
    const uint64_t solid = kBytesOf[occupancy.words[at >> 6] >> (at & 63) & 255];
    indices = (indices & solid) | (kAllAir & ~solid);
    std::memcpy(out + at, &indices, sizeof indices);
  }
}

// Blends bricks of at most 16 colours each: every pair of indices is looked up in a table that is
// filled as pairs come.
class PairBlender {
 public:
  PairBlender(const Brick* below, const Brick* paint, ColorMeet meet) : meet_(meet) {
    Colors(below, below_);
    Colors(paint, paint_);
    UnpackIndices(below, below_indices_);
    UnpackIndices(paint, paint_indices_);
    table_.fill(kUnknown);
  }

  // False if there are too many colours for a palette.
  bool Run() {
    uint16_t all = 0;
    for (int w = 0; w < kBrickVoxels / 64; ++w) {
      uint64_t bits = 0;
      for (int k = 0; k < 64; ++k) {
        const int i = w << 6 | k;
        uint16_t& entry = table_[below_indices_[i] << kKeyBits | paint_indices_[i]];
        if (entry == kUnknown && !Resolve(below_indices_[i], paint_indices_[i], entry))
          return false;
        all |= entry;
        out_.indices[i] = static_cast<uint8_t>(entry);
        bits |= uint64_t{(entry & kSolid) != 0} << k;
      }
      out_.mask.words[w] = bits;
    }
    changed_ = (all & kChanged) != 0;
    return true;
  }

  bool changed() const { return changed_; }
  Slot Finish() const { return out_.Finish(); }

 private:
  // A table entry: the index in the result, and these.
  static constexpr uint16_t kSolid = 0x100;
  static constexpr uint16_t kChanged = 0x200;  // another colour than below
  static constexpr uint16_t kUnknown = 0xffff;
  static constexpr int kKeyBits = 5;

  static void Colors(const Brick* brick, Color out[kAirIndex + 1]) {
    std::copy_n(brick->palette(), brick->colors, out);
    out[kAirIndex] = kAir;
  }

  bool Resolve(int below, int paint, uint16_t& entry) {
    const Color met = meet_(below_[below], paint_[paint]);
    const int index = met == kAir ? 0 : out_.Index(met);
    if (index == IndexedBrick::kMany) return false;
    entry = static_cast<uint16_t>(index | (met != kAir ? kSolid : 0) |
                                  (met != below_[below] ? kChanged : 0));
    return true;
  }

  ColorMeet meet_;
  Color below_[kAirIndex + 1];
  Color paint_[kAirIndex + 1];
  std::array<uint16_t, (kAirIndex + 1) << kKeyBits> table_;
  uint8_t below_indices_[kBrickVoxels];
  uint8_t paint_indices_[kBrickVoxels];
  IndexedBrick out_;
  bool changed_ = false;
};

Slot Again(Brick* brick) {
  RefBrick(brick);
  return Slot::Shared(brick);
}

Slot BlendDense(Brick* below_brick, Brick* paint_brick, ColorMeet meet) {
  DenseBrick below;
  DenseBrick paint;
  BrickDecode(below_brick, below);
  BrickDecode(paint_brick, paint);
  Color last_below = kAir;  // neighbours repeat: most pairs are the one before
  Color last_paint = kAir;
  Color met = kAir;
  bool same = true;
  for (int i = 0; i < kBrickVoxels; ++i) {
    if (below[i] != last_below || paint[i] != last_paint) {
      last_below = below[i];
      last_paint = paint[i];
      met = meet(last_below, last_paint);
    }
    same &= met == last_below;
    below[i] = met;
  }
  return same ? Again(below_brick) : EncodeBrick(below);
}

bool FewColors(const Brick* brick) {
  return brick->width() != Width::kRaw && brick->colors <= kNibbleColors;
}

}  // namespace

Slot BlendBricks(Brick* below, Brick* paint, ColorMeet meet) {
  if (FewColors(below) && FewColors(paint)) {
    PairBlender blender(below, paint, meet);
    if (blender.Run()) return blender.changed() ? blender.Finish() : Again(below);
  }
  return BlendDense(below, paint, meet);
}

}  // namespace voxel::internal
