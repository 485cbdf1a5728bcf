#include "voxel/ops/thickness.h"

#include "voxel/base/status_macros.h"
#include "voxel/grid/brick_bounds.h"

namespace voxel {
namespace {

constexpr int kWide = 3 * kBrickSize;  // a brick and its two neighbours along an axis
constexpr int kSlices = kBrickSize;
constexpr int kWordsPerSlice = 4;

// The three bricks along one axis, the middle one's voxels at [16, 32) of it.
using Bricks = std::array<BrickMask, 3>;

Bricks BricksAlong(const Volume& volume, Coord min, int axis) {
  Bricks bricks;
  for (int i = -1; i <= 1; ++i) {
    Coord at = min;
    at[axis] += i * kBrickSize;
    if (InWorld(at)) bricks[static_cast<size_t>(i + 1)] = SolidBits(volume.CellAt(at), kWorld);
  }
  return bricks;
}

// The opening of one row of 48 bits: what is left of runs of at least `length`.
uint64_t OpenedRow(uint64_t row, uint32_t length) {
  uint64_t starts = row;  // where a segment begins that is all solid
  for (uint32_t i = 1; i < length; ++i) starts &= row >> i;
  uint64_t opened = starts;
  for (uint32_t i = 1; i < length; ++i) opened |= starts << i;
  return opened;
}

// The same for 48 planes of bits, along their stack.
template <typename Plane>
std::array<Plane, kWide> OpenedStack(const std::array<Plane, kWide>& planes, uint32_t length) {
  std::array<Plane, kWide> opened{};
  for (uint32_t first = 0; first + length <= kWide; ++first) {
    Plane solid = planes[first];
    for (uint32_t i = 1; i < length && solid != 0; ++i) {
      solid = static_cast<Plane>(solid & planes[first + i]);
    }
    if (solid == 0) continue;
    for (uint32_t i = 0; i < length; ++i) {
      opened[first + i] = static_cast<Plane>(opened[first + i] | solid);
    }
  }
  return opened;
}

BrickMask ThickAlongX(const Bricks& bricks, uint32_t length) {
  BrickMask thick;
  for (int row = 0; row < kBrickSize * kBrickSize; ++row) {
    const uint64_t wide = uint64_t{RowOf(bricks[0], row)} | uint64_t{RowOf(bricks[1], row)} << 16 |
                          uint64_t{RowOf(bricks[2], row)} << 32;
    if (RowOf(bricks[1], row) == 0) continue;
    thick.PutRow(row, static_cast<uint16_t>(OpenedRow(wide, length) >> kBrickSize));
  }
  return thick;
}

BrickMask ThickAlongY(const Bricks& bricks, uint32_t length) {
  BrickMask thick;
  std::array<uint16_t, kWide> rows{};
  for (int z = 0; z < kSlices; ++z) {
    for (int y = 0; y < kWide; ++y) {
      rows[static_cast<size_t>(y)] = static_cast<uint16_t>(
          RowOf(bricks[static_cast<size_t>(y >> kBrickBits)], (y & 15) | z << kBrickBits));
    }
    const auto opened = OpenedStack(rows, length);
    for (int y = 0; y < kBrickSize; ++y) {
      thick.PutRow(y | z << kBrickBits, opened[static_cast<size_t>(y + kBrickSize)]);
    }
  }
  return thick;
}

BrickMask ThickAlongZ(const Bricks& bricks, uint32_t length) {
  BrickMask thick;
  std::array<uint64_t, kWide> words{};
  for (int word = 0; word < kWordsPerSlice; ++word) {
    for (int z = 0; z < kWide; ++z) {
      const BrickMask& brick = bricks[static_cast<size_t>(z >> kBrickBits)];
      words[static_cast<size_t>(z)] =
          brick.words[static_cast<size_t>((z & 15) * kWordsPerSlice + word)];
    }
    const auto opened = OpenedStack(words, length);
    for (int z = 0; z < kSlices; ++z) {
      thick.words[static_cast<size_t>(z * kWordsPerSlice + word)] =
          opened[static_cast<size_t>(z + kBrickSize)];
    }
  }
  return thick;
}

BrickMask ThickAlong(const Volume& volume, Coord min, int axis, uint32_t length) {
  const Bricks bricks = BricksAlong(volume, min, axis);
  if (axis == 0) return ThickAlongX(bricks, length);
  return axis == 1 ? ThickAlongY(bricks, length) : ThickAlongZ(bricks, length);
}

void AddBrick(const Volume& volume, const Cell& cell, uint32_t length, size_t max_samples,
              ThinVoxels& found) {
  const BrickMask& solid = BrickOccupancy(cell.brick);
  BrickMask thin;
  for (int axis = 0; axis < 3; ++axis) {
    BrickMask here = ThickAlong(volume, cell.min, axis, length);
    for (size_t w = 0; w < thin.words.size(); ++w) {
      here.words[w] = solid.words[w] & ~here.words[w];
      thin.words[w] |= here.words[w];
    }
    found.along[static_cast<size_t>(axis)] += here.Count();
  }
  if (thin.None()) return;
  const Box inner = MaskBounds(thin);
  found.voxels += thin.Count();
  found.bounds = found.bounds.Union({cell.min + inner.min, cell.min + inner.max});
  ForEachBit(thin, [&](int voxel) {
    if (found.samples.size() < max_samples) found.samples.push_back(InBrick(cell.min, voxel));
  });
}

}  // namespace

absl::StatusOr<ThinVoxels> FindThin(const Volume& volume, uint32_t thickness, size_t max_samples,
                                    const TaskContext& context) {
  ThinVoxels found;
  absl::Status status;
  volume.ForEachCell(kWorld, [&](const Cell& cell) {
    status = context.Check();
    if (status.ok() && cell.brick != nullptr) {
      AddBrick(volume, cell, thickness, max_samples, found);
    }
    return status.ok();
  });
  VOXEL_RETURN_IF_ERROR(status);
  return found;
}

}  // namespace voxel
