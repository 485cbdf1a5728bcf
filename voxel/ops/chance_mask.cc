#include "voxel/ops/chance_mask.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "voxel/ops/floor_sqrt.h"
#include "voxel/ops/world_walk.h"

namespace voxel {
namespace {

constexpr uint64_t kNoiseRange = uint64_t{1} << 16;

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

class ShareKernel final : public MaskKernel {
 public:
  ShareKernel(const ShareMask& mask, const WideTransform& to_world)
      : share_(mask.share), seed_(SpreadSeed(mask.seed)), to_world_(to_world) {}

  Coverage Classify(const Box&) const override {
    return share_ == kMillion ? Coverage::kInside : Coverage::kPartial;
  }
  void Fill(Coord min, BrickMask& mask) const override {
    ForEachWorldVoxel(to_world_, min, [&](int index, int64_t x, int64_t y, int64_t z) {
      const uint64_t chance = (PositionHash(seed_, x, y, z) >> 32) * kMillion >> 32;
      mask.words[index >> 6] |= uint64_t{chance < share_} << (index & 63);
    });
  }

 private:
  uint32_t share_;
  uint64_t seed_;
  WideTransform to_world_;
};

// The values at the corners of all lattice cells that a block meets.
class Lattice {
 public:
  // REQUIRES: Corners(block, scale) is small.
  Lattice(const Block& block, int64_t scale, uint64_t seed) : scale_(scale) {
    for (int i = 0; i < 3; ++i) {
      first_[i] = FloorDiv(block[i].first, scale);
      size_[i] = FloorDiv(block[i].last, scale) + 2 - first_[i];
    }
    values_.reserve(static_cast<size_t>(size_[0] * size_[1] * size_[2]));
    for (int64_t z = 0; z < size_[2]; ++z) {
      for (int64_t y = 0; y < size_[1]; ++y) {
        for (int64_t x = 0; x < size_[0]; ++x) {
          values_.push_back(static_cast<uint16_t>(
              PositionHash(seed, first_[0] + x, first_[1] + y, first_[2] + z) >> 48));
        }
      }
    }
  }

  static int64_t Corners(const Block& block, int64_t scale) {
    int64_t corners = 1;
    for (int i = 0; i < 3; ++i) {
      corners *= std::min<int64_t>(block[i].size() / scale + 3, 1 << 20);
    }
    return corners;
  }

  const std::vector<uint16_t>& values() const { return values_; }

  // The interpolated value times scale^3.
  uint64_t At(int64_t x, int64_t y, int64_t z) const {
    uint64_t weight[3][2];
    int64_t cell[3] = {x, y, z};
    for (int i = 0; i < 3; ++i) {
      const int64_t from = FloorDiv(cell[i], scale_);
      const auto past = static_cast<uint64_t>(cell[i] - from * scale_);
      weight[i][0] = static_cast<uint64_t>(scale_) - past;
      weight[i][1] = past;
      cell[i] = from - first_[i];
    }
    uint64_t sum = 0;
    for (int corner = 0; corner < 8; ++corner) {
      const int dx = corner & 1;
      const int dy = corner >> 1 & 1;
      const int dz = corner >> 2;
      const int64_t at = ((cell[2] + dz) * size_[1] + cell[1] + dy) * size_[0] + cell[0] + dx;
      sum += values_[static_cast<size_t>(at)] * weight[0][dx] * weight[1][dy] * weight[2][dz];
    }
    return sum;
  }

 private:
  int64_t scale_;
  int64_t first_[3];
  int64_t size_[3];
  std::vector<uint16_t> values_;  // x fastest
};

class NoiseKernel final : public MaskKernel {
 public:
  NoiseKernel(const NoiseMask& mask, const WideTransform& to_world)
      : scale_(mask.scale),
        volume_(uint64_t{mask.scale} * mask.scale * mask.scale),
        limit_(LimitOf(mask.threshold, volume_)),
        seed_(SpreadSeed(mask.seed)),
        to_world_(to_world) {}

  // An interpolated value lies between the least and the greatest of its corners.
  Coverage Classify(const Box& cube) const override {
    if (limit_ > (kNoiseRange - 1) * volume_) return Coverage::kInside;
    const Block block = to_world_.Apply(BlockOf(cube));
    if (Lattice::Corners(block, scale_) > kMostCorners) return Coverage::kPartial;
    const Lattice lattice(block, scale_, seed_);
    const auto [least, most] =
        std::minmax_element(lattice.values().begin(), lattice.values().end());
    if (*most * volume_ < limit_) return Coverage::kInside;
    return *least * volume_ >= limit_ ? Coverage::kOutside : Coverage::kPartial;
  }
  void Fill(Coord min, BrickMask& mask) const override {
    const Box brick{min, min + Coord{kBrickSize, kBrickSize, kBrickSize}};
    const Lattice lattice(to_world_.Apply(BlockOf(brick)), scale_, seed_);
    ForEachWorldVoxel(to_world_, min, [&](int index, int64_t x, int64_t y, int64_t z) {
      mask.words[index >> 6] |= uint64_t{lattice.At(x, y, z) < limit_} << (index & 63);
    });
  }

 private:
  // Beyond it a bound is too rarely sharp to be worth its corners.
  static constexpr int64_t kMostCorners = 128;

  // value < limit is value / (range * scale^3) < threshold / million, in integers.
  static uint64_t LimitOf(uint32_t threshold, uint64_t volume) {
    const UInt128 product = UInt128{threshold} * kNoiseRange * volume;
    return static_cast<uint64_t>((product + kMillion - 1) / kMillion);
  }

  int64_t scale_;
  uint64_t volume_;
  uint64_t limit_;
  uint64_t seed_;
  WideTransform to_world_;
};

}  // namespace

MaskKernelPtr MakeNoiseKernel(const NoiseMask& mask, const WideTransform& to_world) {
  return std::make_unique<NoiseKernel>(mask, to_world);
}

MaskKernelPtr MakeShareKernel(const ShareMask& mask, const WideTransform& to_world) {
  return std::make_unique<ShareKernel>(mask, to_world);
}

}  // namespace voxel
