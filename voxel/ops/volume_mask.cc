#include "voxel/ops/volume_mask.h"

#include <memory>
#include <utility>

namespace voxel {
namespace {

// What `matches` says of the colours of a cube.
template <typename Matches>
Coverage CoverageOf(const Volume& volume, const Box& cube, const Matches& matches) {
  const auto of = [](bool inside) { return inside ? Coverage::kInside : Coverage::kOutside; };
  if (!InWorld(cube.min)) return Coverage::kOutside;
  if (cube.Size(0) > kLargestCell) {
    bool empty = true;
    volume.ForEachCell(cube, [&empty](const Cell&) { return empty = false; });
    return empty ? of(matches(kAir)) : Coverage::kPartial;
  }
  const Cell cell = volume.CellOf(cube.min);
  if (cell.brick != nullptr || !cell.box().Contains(cube)) return Coverage::kPartial;
  return of(matches(cell.color));
}

bool IsSolid(Color color) { return color != kAir; }

class SolidKernel final : public MaskKernel {
 public:
  explicit SolidKernel(Volume volume) : volume_(std::move(volume)) {}

  Coverage Classify(const Box& cube) const override { return SolidCoverage(volume_, cube); }
  void Fill(Coord min, BrickMask& mask) const override {
    const Cell cell = volume_.CellAt(min);
    if (cell.brick != nullptr) {
      mask = BrickOccupancy(cell.brick);
    } else if (cell.color != kAir) {
      mask.words.fill(~uint64_t{0});
    }
  }

 private:
  Volume volume_;
};

class ColorKernel final : public MaskKernel {
 public:
  ColorKernel(Volume volume, const ColorMatch& match) : volume_(std::move(volume)), match_(match) {}

  Coverage Classify(const Box& cube) const override { return CoverageOf(volume_, cube, match_); }
  void Fill(Coord min, BrickMask& mask) const override {
    const Cell cell = volume_.CellAt(min);
    if (cell.brick == nullptr) {
      if (match_(cell.color)) mask.words.fill(~uint64_t{0});
      return;
    }
    if (NoneIn(cell.brick)) return;
    DenseBrick voxels;
    BrickDecode(cell.brick, voxels);
    Color last = kAir;  // neighbours repeat
    bool matches = match_(kAir);
    for (int i = 0; i < kBrickVoxels; ++i) {
      if (voxels[i] != last) matches = match_(last = voxels[i]);
      mask.words[i >> 6] |= uint64_t{matches} << (i & 63);
    }
  }

 private:
  bool NoneIn(const Brick* brick) const {
    bool any = match_(kAir) && BrickCount(brick) < kBrickVoxels;
    if (!any) BrickForEachColor(brick, [&](Color color, int) { any = any || match_(color); });
    return !any;
  }

  Volume volume_;
  ColorMatch match_;
};

}  // namespace

Coverage SolidCoverage(const Volume& volume, const Box& cube) {
  return CoverageOf(volume, cube, IsSolid);
}

MaskKernelPtr MakeSolidKernel(Volume volume) {
  return std::make_unique<SolidKernel>(std::move(volume));
}

MaskKernelPtr MakeColorKernel(Volume volume, const ColorMatch& match) {
  return std::make_unique<ColorKernel>(std::move(volume), match);
}

}  // namespace voxel
