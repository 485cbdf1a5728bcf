#include "voxel/render/first_cubes.h"

#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "voxel/grid/brick.h"

namespace voxel {
namespace {

constexpr int kCoarsestLevel = 14;
constexpr size_t kPerBrick = 32;        // a brick's voxels cost about as much as so many cubes
constexpr uint32_t kLargestTaken = 64;  // full cubes above that are not taken apart

constexpr uint64_t kLowX = 0x0001000100010001;  // the voxels at x = 0 of a word's four rows
constexpr uint64_t kHighX = kLowX << 15;

// Collects the voxels that rays of one direction can enter over a face.
class VoxelFinder {
 public:
  VoxelFinder(const OccupancyIndex& index, Vec3 direction, size_t most)
      : index_(index), most_(most) {
    for (int axis = 0; axis < 3; ++axis) {
      from_[size_t(axis)] = direction[axis] > 0 ? -1 : direction[axis] < 0 ? 1 : 0;
    }
  }

  // nullopt: there are too many.
  std::optional<std::vector<OccupancyIndex::Cube>> Find(
      const std::vector<OccupancyIndex::Cube>& bricks) {
    for (const OccupancyIndex::Cube& cube : bricks) {
      if (cube.size > kLargestTaken) {
        found_.push_back(cube);
      } else {
        AddFacing(cube);
      }
      if (found_.size() > most_ || visited_ > most_ / kPerBrick) return std::nullopt;
    }
    return std::move(found_);
  }

 private:
  // The bricks of a full cube that lie at the faces where rays come in; the brick itself.
  void AddFacing(const OccupancyIndex::Cube& cube) {
    const uint32_t n = cube.size / kBrickSize;
    const auto facing = [&](size_t axis, uint32_t at) {
      return from_[axis] != 0 && at == (from_[axis] < 0 ? 0 : n - 1);
    };
    for (uint32_t z = 0; z < n; ++z) {
      for (uint32_t y = 0; y < n; ++y) {
        for (uint32_t x = 0; x < n; ++x) {
          if (!facing(0, x) && !facing(1, y) && !facing(2, z)) continue;
          AddBrick({cube.low.x + x * kBrickSize, cube.low.y + y * kBrickSize,
                    cube.low.z + z * kBrickSize});
        }
      }
    }
  }

  const uint64_t* Beside(Position base, int axis) const {
    Component(base, axis) += uint32_t(from_[size_t(axis)] * kBrickSize);
    return index_.BrickWords(base);
  }

  void AddBrick(Position base) {
    ++visited_;
    words_ = index_.BrickWords(base);
    for (size_t axis = 0; axis < 3; ++axis) beside_[axis] = Beside(base, int(axis));
    for (int z = 0; z < kBrickSize; ++z) {
      for (int y = 0; y < kBrickSize; y += 4) {
        const int w = z << 2 | y >> 2;
        uint64_t open = words_[w];
        if (open == 0) continue;
        open &= ~(BehindX(w) & BehindY(w) & BehindZ(w));
        for (; open != 0; open &= open - 1) {
          const auto bit = uint32_t(std::countr_zero(open));
          found_.push_back(
              {{base.x + (bit & 15), base.y + uint32_t(y) + (bit >> 4), base.z + uint32_t(z)}, 1});
        }
      }
    }
  }

  // The voxels of word `w` that have another before them on that axis; all where rays do not move
  // along it.
  uint64_t BehindX(int w) const {
    const uint64_t here = words_[w];
    const uint64_t there = beside_[0][w];
    if (from_[0] < 0) return (here << 1 & ~kLowX) | (there >> 15 & kLowX);
    if (from_[0] > 0) return (here >> 1 & ~kHighX) | (there << 15 & kHighX);
    return ~uint64_t{0};
  }
  uint64_t BehindY(int w) const {
    if (from_[1] < 0) {
      return words_[w] << 16 | ((w & 3) != 0 ? words_[w - 1] : beside_[1][w + 3]) >> 48;
    }
    if (from_[1] > 0) {
      return words_[w] >> 16 | ((w & 3) != 3 ? words_[w + 1] : beside_[1][w - 3]) << 48;
    }
    return ~uint64_t{0};
  }
  uint64_t BehindZ(int w) const {
    if (from_[2] < 0) return w >= 4 ? words_[w - 4] : beside_[2][w + 60];
    if (from_[2] > 0) return w < 60 ? words_[w + 4] : beside_[2][w - 60];
    return ~uint64_t{0};
  }

  const OccupancyIndex& index_;
  const size_t most_;
  std::array<int, 3> from_;  // where rays come from, on each axis: -1, 1, or 0 for neither
  std::vector<OccupancyIndex::Cube> found_;
  size_t visited_ = 0;  // bricks
  const uint64_t* words_ = nullptr;
  std::array<const uint64_t*, 3> beside_{};
};

}  // namespace

FirstCubes FindFirstCubes(const OccupancyIndex& index, Vec3 direction, size_t most) {
  std::vector<OccupancyIndex::Cube> bricks = index.CubesAt(OccupancyIndex::kBrickLevel);
  if (bricks.size() <= most / kPerBrick) {
    if (!index.translucent()) {
      if (auto voxels = VoxelFinder(index, direction, most).Find(bricks)) return {*voxels, 1};
    }
    std::vector<OccupancyIndex::Cube> quarters = index.CubesAt(OccupancyIndex::kBrickLevel - 1);
    if (quarters.size() <= most) return {std::move(quarters), 4};
  }
  int level = OccupancyIndex::kBrickLevel;
  while (bricks.size() > most && level < kCoarsestLevel) bricks = index.CubesAt(++level);
  return {std::move(bricks), double(uint32_t{1} << 2 * level)};
}

}  // namespace voxel
