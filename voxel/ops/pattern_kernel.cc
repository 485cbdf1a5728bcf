#include "voxel/ops/pattern_kernel.h"

#include <algorithm>
#include <variant>

#include "voxel/ops/floor_sqrt.h"
#include "voxel/ops/world_walk.h"

namespace voxel {

PatternKernel::PatternKernel(const Pattern& pattern, const WideTransform& to_world)
    : pattern_(pattern), to_world_(to_world) {
  const auto* mix = std::get_if<MixPattern>(&pattern_);
  if (mix == nullptr) return;
  seed_ = SpreadSeed(mix->seed);
  uint64_t sum = 0;
  for (const MixPattern::Part& part : mix->parts) ends_.push_back(sum += part.share);
}

Color PatternKernel::At(const MixPattern& mix, int64_t x, int64_t y, int64_t z) const {
  const auto chance =
      static_cast<uint64_t>(UInt128{PositionHash(seed_, x, y, z)} * ends_.back() >> 64);
  const auto end = std::upper_bound(ends_.begin(), ends_.end(), chance);
  return mix.parts[static_cast<size_t>(end - ends_.begin())].color;
}

Color PatternKernel::At(const CheckerPattern& checker, int64_t x, int64_t y, int64_t z) {
  const auto cell = [&checker](int64_t v) {
    return v >= 0 ? v / checker.size : ~(~v / checker.size);
  };
  return ((cell(x) + cell(y) + cell(z)) & 1) == 0 ? checker.even : checker.odd;
}

Color PatternKernel::At(const GradientPattern& gradient, int64_t x, int64_t y, int64_t z) {
  const int64_t position[3] = {x, y, z};
  int64_t length = int64_t{gradient.to} - gradient.from;
  int64_t at = position[static_cast<int>(gradient.axis)] - gradient.from;
  if (length < 0) {
    length = -length;
    at = -at;
  }
  at = std::clamp<int64_t>(at, 0, length);
  const auto between = [&](uint32_t a, uint32_t b) {
    return static_cast<uint32_t>((a * (length - at) + b * at + length / 2) / length);
  };
  return Rgba(between(Red(gradient.start), Red(gradient.end)),
              between(Green(gradient.start), Green(gradient.end)),
              between(Blue(gradient.start), Blue(gradient.end)),
              between(Alpha(gradient.start), Alpha(gradient.end)));
}

Color PatternKernel::At(int64_t x, int64_t y, int64_t z) const {
  if (const auto* mix = std::get_if<MixPattern>(&pattern_)) return At(*mix, x, y, z);
  if (const auto* checker = std::get_if<CheckerPattern>(&pattern_)) return At(*checker, x, y, z);
  return At(std::get<GradientPattern>(pattern_), x, y, z);
}

void PatternKernel::Paint(Coord min, DenseBrick& out) const {
  const auto fill = [&](auto&& of) {
    ForEachWorldVoxel(to_world_, min, [&](int index, int64_t x, int64_t y, int64_t z) {
      out[index] = of(x, y, z);
    });
  };
  std::visit(
      [&](const auto& p) { fill([&](int64_t x, int64_t y, int64_t z) { return At(p, x, y, z); }); },
      pattern_);
}

}  // namespace voxel
