#include "voxel/grid/brick_bounds.h"

namespace voxel {

Box MaskBounds(const BrickMask& mask) {
  uint32_t xs = 0;  // one bit per coordinate that occurs
  uint32_t ys = 0;
  uint32_t zs = 0;
  for (int z = 0; z < kBrickSize; ++z) {
    for (int quarter = 0; quarter < 4; ++quarter) {  // a word is four rows
      const uint64_t word = mask.words[z << 2 | quarter];
      if (word == 0) continue;
      zs |= 1u << z;
      for (int row = 0; row < 4; ++row) {
        const uint32_t bits = static_cast<uint32_t>(word >> (row << 4)) & 0xffff;
        xs |= bits;
        if (bits != 0) ys |= 1u << (quarter << 2 | row);
      }
    }
  }
  if (xs == 0) return {};
  const auto low = [](uint32_t bits) { return static_cast<int32_t>(std::countr_zero(bits)); };
  const auto high = [](uint32_t bits) { return static_cast<int32_t>(std::bit_width(bits)); };
  return {{low(xs), low(ys), low(zs)}, {high(xs), high(ys), high(zs)}};
}

BrickMask BoxMask(Coord min, const Box& box) {
  BrickMask mask;
  const Box brick{min, min + Coord{kBrickSize, kBrickSize, kBrickSize}};
  if (box.Contains(brick)) {
    mask.words.fill(~uint64_t{0});
    return mask;
  }
  const Box cut = box.Intersection(brick);
  if (cut.empty()) return mask;
  for (int z = cut.min.z - min.z; z < cut.max.z - min.z; ++z) {
    for (int y = cut.min.y - min.y; y < cut.max.y - min.y; ++y) {
      mask.SetRow(y, z, cut.min.x - min.x, cut.max.x - min.x);
    }
  }
  return mask;
}

BrickMask SolidBits(const Cell& cell, const Box& box) {
  const bool whole = box.Contains(cell.box());
  if (cell.brick != nullptr) {
    return whole ? BrickOccupancy(cell.brick) : BrickOccupancy(cell.brick) & BoxMask(cell.min, box);
  }
  return cell.color == kAir ? BrickMask() : BoxMask(cell.min, box);
}

}  // namespace voxel
