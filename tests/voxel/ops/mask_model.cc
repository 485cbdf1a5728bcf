#include "tests/voxel/ops/mask_model.h"

#include <array>
#include <cmath>
#include <utility>

#include "voxel/ops/color_match.h"
#include "voxel/ops/floor_sqrt.h"
#include "voxel/ops/world_walk.h"

namespace voxel {
namespace {

constexpr Color kMaskColors[] = {0xFF0000FF, 0x00FF00FF, 0x0000FFFF, 0x10101080, kAir};

int Below(std::mt19937_64& rng, int n) {
  return static_cast<int>(rng() % static_cast<uint64_t>(n));
}

Coord Beside(Coord c, int axis, int by) {
  c[axis] += by;
  return c;
}

int64_t Floor(int64_t v, int64_t by) {
  return static_cast<int64_t>(std::floor(static_cast<double>(v) / static_cast<double>(by)));
}

bool NoiseAt(const NoiseMask& noise, Coord c) {
  const int64_t s = noise.scale;
  const uint64_t seed = SpreadSeed(noise.seed);
  Int128 sum = 0;
  for (int64_t dz = 0; dz < 2; ++dz) {
    for (int64_t dy = 0; dy < 2; ++dy) {
      for (int64_t dx = 0; dx < 2; ++dx) {
        const int64_t cell[3] = {Floor(c.x, s), Floor(c.y, s), Floor(c.z, s)};
        const int64_t past[3] = {c.x - cell[0] * s, c.y - cell[1] * s, c.z - cell[2] * s};
        const int64_t value = static_cast<int64_t>(
            PositionHash(seed, cell[0] + dx, cell[1] + dy, cell[2] + dz) >> 48);
        sum += value * (dx != 0 ? past[0] : s - past[0]) * (dy != 0 ? past[1] : s - past[1]) *
               (dz != 0 ? past[2] : s - past[2]);
      }
    }
  }
  return sum * kMillion < Int128{noise.threshold} * 65536 * s * s * s;
}

struct Voxel {
  const MaskModel& model;
  Coord c;

  bool Solid(Coord at) const { return InWorld(at) && model.get(at) != kAir; }

  bool operator()(const SolidMask&) const { return Solid(c); }
  bool operator()(const ColorMask& m) const {
    return ColorMatch(m.color, m.tolerance)(model.get(c));
  }
  bool operator()(const InBoxMask& m) const { return m.box.Contains(c); }
  bool operator()(const HeightMask& m) const { return c.z >= m.low && c.z < m.high; }
  bool operator()(const LayerMask& m) const { return model.layers.at(m.layer)(c) != kAir; }
  bool operator()(const SelectionMask& m) const {
    return model.selections.at(m.selection).Contains(c);
  }
  bool operator()(const SurfaceMask&) const {
    if (!Solid(c)) return false;
    for (int axis = 0; axis < 3; ++axis) {
      if (!Solid(Beside(c, axis, 1)) || !Solid(Beside(c, axis, -1))) return true;
    }
    return false;
  }
  bool operator()(const ExposedMask& m) const {
    return Solid(c) && !Solid(Beside(c, static_cast<int>(m.axis), m.positive ? 1 : -1));
  }
  bool operator()(const NeighboursMask& m) const {
    uint32_t count = 0;
    for (int i = 0; i < 27; ++i) {
      const Coord d{i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1};
      const int steps = (d.x != 0) + (d.y != 0) + (d.z != 0);
      if (steps == 0 || (m.kind == 6 && steps > 1) || (m.kind == 18 && steps > 2)) continue;
      count += Solid(c + d) ? 1 : 0;
    }
    return count >= m.at_least && count <= m.at_most;
  }
  bool operator()(const NoiseMask& m) const { return NoiseAt(m, c); }
  bool operator()(const ShareMask& m) const {
    const uint64_t hash = PositionHash(SpreadSeed(m.seed), c.x, c.y, c.z);
    return (hash >> 32) * kMillion / (uint64_t{1} << 32) < m.share;
  }
  bool operator()(const BesideMask& m) const {
    const Coord at = Beside(c, 2, m.above ? -1 : 1);
    return InWorld(at) && model.Matches(*m.of, at);
  }
  bool operator()(const NotMask& m) const { return !model.Matches(*m.of, c); }
  bool operator()(const AllOfMask& m) const {
    for (const Mask& part : m.parts) {
      if (!model.Matches(part, c)) return false;
    }
    return true;
  }
  bool operator()(const AnyOfMask& m) const {
    for (const Mask& part : m.parts) {
      if (model.Matches(part, c)) return true;
    }
    return false;
  }
};

Mask AnyLeaf(std::mt19937_64& rng, const Box& arena) {
  const auto in = [&](int axis) {
    return arena.min[axis] + Below(rng, static_cast<int>(arena.Size(axis)));
  };
  switch (Below(rng, 10)) {
    case 0:
      return {ColorMask{kMaskColors[Below(rng, 5)], static_cast<uint32_t>(Below(rng, 2) * 16)}};
    case 1: {
      InBoxMask box{{{in(0), in(1), in(2)}, {}}};
      for (int i = 0; i < 3; ++i) {
        box.box.max[i] = box.box.min[i] + 1 + Below(rng, arena.max[i] - box.box.min[i]);
      }
      return {box};
    }
    case 2: {
      const int32_t low = in(2);
      return {HeightMask{low, low + 1 + Below(rng, arena.max.z - low)}};
    }
    case 3:
      return {LayerMask{Below(rng, 2) == 0 ? "main" : "other"}};
    case 4:
      return {SurfaceMask{}};
    case 5:
      return {ExposedMask{static_cast<Axis>(Below(rng, 3)), Below(rng, 2) == 0}};
    case 6: {
      const uint32_t kind = std::array<uint32_t, 3>{6, 18, 26}[static_cast<size_t>(Below(rng, 3))];
      const auto least = static_cast<uint32_t>(Below(rng, static_cast<int>(kind) + 1));
      return {NeighboursMask{
          kind, least,
          least + static_cast<uint32_t>(Below(rng, static_cast<int>(kind - least) + 1))}};
    }
    case 7:
      return {NoiseMask{static_cast<uint32_t>(1 + Below(rng, 40)),
                        static_cast<uint32_t>(1 + Below(rng, 1'000'000)), rng() % 3}};
    case 8:
      return {SelectionMask{Below(rng, 2) == 0 ? "some" : "most"}};
    default:
      return {ShareMask{static_cast<uint32_t>(1 + Below(rng, 1'000'000)), rng() % 3}};
  }
}

}  // namespace

bool MaskModel::Matches(const Mask& mask, Coord c) const {
  return std::visit(Voxel{*this, c}, mask.is);
}

Mask AnyMask(std::mt19937_64& rng, const Box& arena, int depth) {
  const int kind = depth == 0 ? 9 : Below(rng, 10);
  const auto inner = [&] { return std::make_shared<const Mask>(AnyMask(rng, arena, depth - 1)); };
  if (kind == 0) return {SolidMask{}};
  if (kind <= 2) return {NotMask{inner()}};
  if (kind == 3) return {BesideMask{Below(rng, 2) == 0, inner()}};
  if (kind > 7) return AnyLeaf(rng, arena);
  std::vector<Mask> parts;
  for (int i = 1 + Below(rng, 3); i > 0; --i) parts.push_back(*inner());
  if (kind <= 5) return {AllOfMask{std::move(parts)}};
  return {AnyOfMask{std::move(parts)}};
}

Color PatternColor(const Pattern& pattern, Coord c) {
  if (const auto* mix = std::get_if<MixPattern>(&pattern)) {
    uint64_t all = 0;
    for (const MixPattern::Part& part : mix->parts) all += part.share;
    const UInt128 hash = PositionHash(SpreadSeed(mix->seed), c.x, c.y, c.z);
    uint64_t before = 0;
    for (const MixPattern::Part& part : mix->parts) {
      before += part.share;
      if (hash * all < UInt128{before} << 64) return part.color;
    }
    return mix->parts.back().color;
  }
  if (const auto* checker = std::get_if<CheckerPattern>(&pattern)) {
    const int64_t sum =
        Floor(c.x, checker->size) + Floor(c.y, checker->size) + Floor(c.z, checker->size);
    return sum % 2 == 0 ? checker->even : checker->odd;
  }
  const auto& g = std::get<GradientPattern>(pattern);
  const int32_t at = c[g.axis];
  if (g.from < g.to ? at <= g.from : at >= g.from) return g.start;
  if (g.from < g.to ? at >= g.to : at <= g.to) return g.end;
  const auto channel = [&](uint32_t a, uint32_t b) {
    const double t = (static_cast<double>(at) - g.from) / (static_cast<double>(g.to) - g.from);
    // Rounded half up; the small term is what a double may be short of a half.
    return static_cast<uint32_t>(std::floor(a * (1 - t) + b * t + 0.5 + 1e-9));
  };
  return Rgba(channel(Red(g.start), Red(g.end)), channel(Green(g.start), Green(g.end)),
              channel(Blue(g.start), Blue(g.end)), channel(Alpha(g.start), Alpha(g.end)));
}

Pattern AnyPattern(std::mt19937_64& rng, const Box& arena) {
  const auto color = [&] { return kMaskColors[Below(rng, 5)]; };
  if (const int kind = Below(rng, 4); kind == 0) {
    return CheckerPattern{color(), color(), 1 + Below(rng, 9)};
  } else if (kind == 1) {
    const int axis = Below(rng, 3);
    const int32_t from = arena.min[axis] + Below(rng, 28);
    const int32_t to = arena.min[axis] + Below(rng, 28);
    return GradientPattern{static_cast<Axis>(axis), from, to == from ? from - 1 : to, color(),
                           color()};
  }
  MixPattern mix;
  for (int i = 1 + Below(rng, 4); i > 0; --i) {
    mix.parts.push_back({static_cast<uint32_t>(1 + Below(rng, 1'000'000)), color()});
  }
  mix.seed = rng() % 3;
  return mix;
}

}  // namespace voxel
