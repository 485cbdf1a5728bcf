#include "voxel/ops/neighbour_mask.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include "voxel/ops/halo.h"
#include "voxel/ops/volume_mask.h"

namespace voxel {
namespace {

// The cube of the same size `steps` sizes on; empty, with its min outside the world, if it would
// lie there.
Box CubeAt(const Box& cube, Coord steps) {
  const auto size = static_cast<int32_t>(cube.Size(0));
  const Coord min = cube.min + Coord{steps.x * size, steps.y * size, steps.z * size};
  return {min, InWorld(min) ? min + Coord{size, size, size} : min};
}

// Whether a cube and those around it (by faces, or by corners as well) are all solid, or all air;
// else kPartial.
Coverage AroundCoverage(const Volume& volume, const Box& cube, bool diagonals) {
  const Coverage center = SolidCoverage(volume, cube);
  if (center == Coverage::kPartial) return center;
  for (int i = 0; i < 27; ++i) {
    const Coord side{i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1};
    const int steps = std::abs(side.x) + std::abs(side.y) + std::abs(side.z);
    if (steps == 0 || (!diagonals && steps > 1)) continue;
    if (SolidCoverage(volume, CubeAt(cube, side)) != center) return Coverage::kPartial;
  }
  return center;
}

void SetRow(BrickMask& mask, int y, int z, uint32_t bits) {
  mask.words[z << 2 | y >> 2] |= uint64_t{bits} << ((y & 3) << 4);
}

// Solid voxels of a brick except those for which `hidden(halo, y, z)` has a bit.
template <typename Hidden>
void FillSolidBut(const Volume& volume, Coord min, BrickMask& mask, Hidden&& hidden) {
  const Halo halo(volume, min, false);
  for (int z = 0; z < kBrickSize; ++z) {
    for (int y = 0; y < kBrickSize; ++y) {
      const uint32_t solid = halo.Row(y, z, 0);
      if (solid != 0) SetRow(mask, y, z, solid & ~hidden(halo, y, z));
    }
  }
}

class SurfaceKernel final : public MaskKernel {
 public:
  explicit SurfaceKernel(Volume volume) : volume_(std::move(volume)) {}

  Coverage Classify(const Box& cube) const override {
    const Coverage solid = SolidCoverage(volume_, cube);
    if (solid != Coverage::kInside) return solid;  // out of air; unknown of a mixed cube
    return AroundCoverage(volume_, cube, false) == Coverage::kInside ? Coverage::kOutside
                                                                     : Coverage::kPartial;
  }
  void Fill(Coord min, BrickMask& mask) const override {
    FillSolidBut(volume_, min, mask, [](const Halo& halo, int y, int z) {
      return halo.Row(y, z, -1) & halo.Row(y, z, 1) & halo.Row(y - 1, z, 0) &
             halo.Row(y + 1, z, 0) & halo.Row(y, z - 1, 0) & halo.Row(y, z + 1, 0);
    });
  }

 private:
  Volume volume_;
};

class ExposedKernel final : public MaskKernel {
 public:
  ExposedKernel(Volume volume, Coord step) : volume_(std::move(volume)), step_(step) {}

  Coverage Classify(const Box& cube) const override {
    const Coverage solid = SolidCoverage(volume_, cube);
    if (solid != Coverage::kInside) return solid;
    return SolidCoverage(volume_, CubeAt(cube, step_)) == Coverage::kInside ? Coverage::kOutside
                                                                            : Coverage::kPartial;
  }
  void Fill(Coord min, BrickMask& mask) const override {
    FillSolidBut(volume_, min, mask, [this](const Halo& halo, int y, int z) {
      return halo.Row(y + step_.y, z + step_.z, step_.x);
    });
  }

 private:
  Volume volume_;
  Coord step_;
};

// Adds up single bits of 16 voxels at once: bit k of voxel x's count is bit x of `bits[k]`.
struct RowCount {
  uint32_t bits[5] = {};

  void Add(uint32_t row) {
    for (uint32_t& bit : bits) row &= std::exchange(bit, bit ^ row);
  }
  // The voxels whose count is n.
  uint32_t Equal(uint32_t n) const {
    uint32_t equal = 0xFFFF;
    for (int k = 0; k < 5; ++k) equal &= (n >> k & 1) != 0 ? bits[k] : ~bits[k];
    return equal;
  }
};

class NeighboursKernel final : public MaskKernel {
 public:
  NeighboursKernel(Volume volume, const NeighboursMask& mask)
      : volume_(std::move(volume)), mask_(mask), reach_(ReachOf(mask.kind)) {}

  Coverage Classify(const Box& cube) const override {
    const Coverage around = AroundCoverage(volume_, cube, reach_ > 1);
    if (around == Coverage::kPartial) return around;
    const uint32_t count = around == Coverage::kInside ? mask_.kind : 0;
    const bool matches = count >= mask_.at_least && count <= mask_.at_most;
    return matches ? Coverage::kInside : Coverage::kOutside;
  }
  void Fill(Coord min, BrickMask& mask) const override {
    const Halo halo(volume_, min, reach_ > 1);
    for (int z = 0; z < kBrickSize; ++z) {
      for (int y = 0; y < kBrickSize; ++y) SetRow(mask, y, z, MatchesIn(halo, y, z));
    }
  }

 private:
  static int ReachOf(uint32_t kind) { return kind == 6 ? 1 : kind == 18 ? 2 : 3; }

  uint32_t MatchesIn(const Halo& halo, int y, int z) const {
    RowCount count;
    for (int dz = -1; dz <= 1; ++dz) {
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          const int steps = std::abs(dx) + std::abs(dy) + std::abs(dz);
          if (steps > 0 && steps <= reach_) count.Add(halo.Row(y + dy, z + dz, dx));
        }
      }
    }
    uint32_t matches = 0;
    for (uint32_t n = mask_.at_least; n <= mask_.at_most; ++n) matches |= count.Equal(n);
    return matches;
  }

  Volume volume_;
  NeighboursMask mask_;
  int reach_;  // how many axes a neighbour may be off on: 1, 2 or 3
};

class BesideKernel final : public MaskKernel {
 public:
  BesideKernel(MaskKernelPtr of, Coord step) : of_(std::move(of)), step_(step) {}

  Coverage Classify(const Box& cube) const override {
    const Box next = CubeAt(cube, step_);
    const Coverage beside = InWorld(next.min) ? of_->Classify(next) : Coverage::kOutside;
    return of_->Classify(cube) == beside ? beside : Coverage::kPartial;
  }
  void Fill(Coord min, BrickMask& mask) const override {
    BrickMask here;
    FillBrick(*of_, min, here);
    BrickMask next;
    const Coord next_min =
        min + Coord{step_.x * kBrickSize, step_.y * kBrickSize, step_.z * kBrickSize};
    if (InWorld(next_min)) FillBrick(*of_, next_min, next);
    for (int z = 0; z < kBrickSize; ++z) {
      for (int y = 0; y < kBrickSize; ++y) SetRow(mask, y, z, BesideRow(here, next, y, z));
    }
  }

 private:
  static uint32_t Row(const BrickMask& brick, int y, int z) {
    return static_cast<uint32_t>(brick.words[z << 2 | y >> 2] >> ((y & 3) << 4)) & 0xFFFF;
  }
  uint32_t BesideRow(const BrickMask& here, const BrickMask& next, int y, int z) const {
    if (step_.x > 0) return Row(here, y, z) >> 1 | (Row(next, y, z) & 1) << 15;
    if (step_.x < 0) return (Row(here, y, z) << 1 & 0xFFFF) | Row(next, y, z) >> 15;
    const int at_y = y + step_.y;
    const int at_z = z + step_.z;
    const bool leaves = ((at_y | at_z) & ~15) != 0;
    return Row(leaves ? next : here, at_y & 15, at_z & 15);
  }

  MaskKernelPtr of_;
  Coord step_;
};

}  // namespace

MaskKernelPtr MakeSurfaceKernel(Volume volume) {
  return std::make_unique<SurfaceKernel>(std::move(volume));
}
MaskKernelPtr MakeExposedKernel(Volume volume, Coord step) {
  return std::make_unique<ExposedKernel>(std::move(volume), step);
}
MaskKernelPtr MakeNeighboursKernel(Volume volume, const NeighboursMask& mask) {
  return std::make_unique<NeighboursKernel>(std::move(volume), mask);
}
MaskKernelPtr MakeBesideKernel(MaskKernelPtr of, Coord step) {
  return std::make_unique<BesideKernel>(std::move(of), step);
}

}  // namespace voxel
