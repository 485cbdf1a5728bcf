// A brick: 16^3 voxels, the leaf of a volume. Immutable once shared.
//
// Layout:     occupancy, 64 words: bit (i & 63) of word (i >> 6) is set where voxel i is not air;
//             then one colour alone, or a palette of <= 16 colours with 4-bit indices, or <= 256
//             with 8-bit ones, or 4096 raw colours. A brick of few voxels has indices of those
//             alone. Air never takes a palette slot. Voxel i = x | y << 4 | z << 8, so a row runs
//             along x.
// Canonical:  palette in order of first use, narrowest width, of at most 64 voxels and more than
//             one colour the form for few voxels, never all one value (a uniform cube
//             is a slot of its parent, never a brick). Volumes hold canonical bricks after Commit.
// Ownership:  intrusive reference count; freed to the slab allocator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "voxel/grid/color.h"

namespace voxel {

inline constexpr int kBrickBits = 4;
inline constexpr int kBrickSize = 1 << kBrickBits;
inline constexpr int kBrickVoxels = kBrickSize * kBrickSize * kBrickSize;

constexpr int BrickIndex(int x, int y, int z) {
  return x | y << kBrickBits | z << (2 * kBrickBits);
}

// One bit per voxel of a brick, in voxel order; row (y, z) is 16 bits.
struct BrickMask {
  std::array<uint64_t, kBrickVoxels / 64> words{};

  bool Get(int index) const { return (words[index >> 6] >> (index & 63) & 1) != 0; }
  void Set(int index) { words[index >> 6] |= uint64_t{1} << (index & 63); }
  void Put(int index, bool value) {
    uint64_t& word = words[index >> 6];
    word = (word & ~(uint64_t{1} << (index & 63))) | uint64_t{value} << (index & 63);
  }
  // Sets voxels [x0, x1) of row (y, z). REQUIRES: 0 <= x0 <= x1 <= 16.
  void SetRow(int y, int z, int x0, int x1) {
    const uint64_t bits = ((uint64_t{1} << x1) - 1) & ~((uint64_t{1} << x0) - 1);
    words[z << 2 | y >> 2] |= bits << ((y & 3) << 4);
  }
  // Overwrites row `row` = y | z << 4 by 16 bits.
  void PutRow(int row, uint16_t bits) {
    uint64_t& word = words[row >> 2];
    const int shift = (row & 3) << 4;
    word = (word & ~(uint64_t{0xFFFF} << shift)) | uint64_t{bits} << shift;
  }
  int Count() const;
  bool None() const;
  bool All() const;

  friend bool operator==(const BrickMask&, const BrickMask&) = default;
};

// 4096 colours in voxel order: what kernels work on when they cannot work on palettes.
using DenseBrick = std::array<Color, kBrickVoxels>;

// Defined in brick_rep.h, private to voxel/grid; seen through these calls and through Volume.
class Brick;

Color BrickGet(const Brick* brick, int index);
void BrickDecode(const Brick* brick, DenseBrick& out);
const BrickMask& BrickOccupancy(const Brick* brick);
int BrickCount(const Brick* brick);     // voxels that are not air
size_t BrickBytes(const Brick* brick);  // memory it takes
// Calls fn(colour, voxels) for each distinct colour that is not air, in palette order (raw bricks:
// in order of first use). Colours do not repeat.
void BrickForEachColor(const Brick* brick, absl::FunctionRef<void(Color color, int voxels)> fn);
// Whether some voxel that is not air has an alpha below 255. Cost: the palette.
bool BrickTranslucent(const Brick* brick);

}  // namespace voxel
