#include "voxel/grid/recolored.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/brick_rep.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/nibbles.h"

namespace voxel::internal {
namespace {

constexpr int kFew = 256;              // voxels that are looked at one by one
static_assert(kFew >= kSparseVoxels);  // two sparse bricks have no indices to be compared
constexpr size_t kWordsOfNibbles = kBrickVoxels / 16;

Color ColorOf(const Cell& cell, int voxel) {
  return cell.brick == nullptr ? cell.color : cell.brick->Get(voxel);
}

BrickMask OneByOne(const Cell& before, const Cell& after, const BrickMask& both) {
  BrickMask differs;
  for (size_t w = 0; w < both.words.size(); ++w) {
    for (uint64_t bits = both.words[w]; bits != 0; bits &= bits - 1) {
      const int voxel = static_cast<int>(w << 6) | std::countr_zero(bits);
      if (ColorOf(before, voxel) != ColorOf(after, voxel)) differs.Set(voxel);
    }
  }
  return differs;
}

// Of arrays with something for each voxel.
template <typename T>
BrickMask Different(const T* old, const T* now, const BrickMask& both) {
  BrickMask differs;
  for (size_t w = 0; w < both.words.size(); ++w) {
    if (std::memcmp(old + (w << 6), now + (w << 6), 64 * sizeof(T)) == 0) continue;
    uint64_t bits = 0;
    for (size_t k = 0; k < 64; ++k) bits |= uint64_t{old[w << 6 | k] != now[w << 6 | k]} << k;
    differs.words[w] = bits & both.words[w];
  }
  return differs;
}

BrickMask DifferentNibbles(const uint8_t* old, const uint8_t* now, const BrickMask& both) {
  BrickMask differs;
  for (size_t w = 0; w < kWordsOfNibbles; ++w) {
    uint64_t a = 0;
    uint64_t b = 0;
    std::memcpy(&a, old + 8 * w, 8);
    std::memcpy(&b, now + 8 * w, 8);
    for (uint64_t rest = a ^ b; rest != 0;) {
      const int nibble = std::countr_zero(rest) >> 2;
      differs.Set(static_cast<int>(16 * w) + nibble);
      rest &= ~(uint64_t{15} << (4 * nibble));
    }
  }
  return differs & both;
}

// The same index stands for the same colour, and another one for another colour: the palettes are
// equal as far as the shorter one goes.
bool SameNumbers(const Brick* a, const Brick* b) {
  const size_t common = std::min(a->colors, b->colors);
  return a->width() == b->width() &&
         std::memcmp(a->palette(), b->palette(), common * sizeof(Color)) == 0;
}

// Numbers of a palette of 16 in terms of another; a colour that is not there gets a number that
// nothing has. False if there is none left.
bool Translate(const Brick* from, const Brick* to, std::array<uint8_t, kNibbleColors>& table) {
  const Color* const end = to->palette() + to->colors;
  for (size_t i = 0; i < from->colors; ++i) {
    const auto found = std::find(to->palette(), end, from->palette()[i]) - to->palette();
    if (found == kNibbleColors) return false;
    table[i] = static_cast<uint8_t>(found);
  }
  return true;
}

BrickMask Decoded(const Cell& before, const Cell& after, const BrickMask& both) {
  DenseBrick old;
  DenseBrick now;
  DecodeCell(before, old);
  DecodeCell(after, now);
  return Different(old.data(), now.data(), both);
}

}  // namespace

BrickMask Recolored(const Cell& before, const Cell& after, const BrickMask& both) {
  using Width = Brick::Width;
  if (both.Count() <= kFew) return OneByOne(before, after, both);
  const Brick* const old = before.brick;
  const Brick* const now = after.brick;
  if (old == nullptr || now == nullptr || old->width() != now->width()) {
    return Decoded(before, after, both);
  }
  const Width width = old->width();
  if (width == Width::kOne) return old->one == now->one ? BrickMask() : both;
  if (width == Width::kRaw) return Different(old->raw(), now->raw(), both);
  if (SameNumbers(old, now)) {
    return width == Width::kByte ? Different(old->indices(), now->indices(), both)
                                 : DifferentNibbles(old->indices(), now->indices(), both);
  }
  std::array<uint8_t, kNibbleColors> table{};
  if (width != Width::kNibble || !Translate(old, now, table)) return Decoded(before, after, both);
  std::array<uint8_t, kBrickVoxels / 2> translated;
  MapNibbles(old->indices(), table.data(), translated.data(), kBrickVoxels / 2);
  return DifferentNibbles(translated.data(), now->indices(), both);
}

}  // namespace voxel::internal
