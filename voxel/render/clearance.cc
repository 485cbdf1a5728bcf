#include "voxel/render/clearance.h"

#include <utility>

namespace voxel {
namespace {

constexpr int kFinestLevel = 2;  // cubes of 16, a brick
constexpr int kCoarsestLevel = 14;

}  // namespace

Clearance::Clearance(const OccupancyIndex& index, double radius, size_t max_cubes) {
  int level = kFinestLevel;
  // A little more than the radius, so that rounding cannot matter.
  while (double(uint32_t{1} << 2 * level) < radius * 1.01 && level < kCoarsestLevel) ++level;
  std::vector<OccupancyIndex::Cube> cubes = index.CubesAt(level);
  while (cubes.size() > max_cubes && level < kCoarsestLevel) cubes = index.CubesAt(++level);
  side_ = double(uint32_t{1} << 2 * level);
  grown_ = index.Dilated(level, cubes);
}

std::optional<double> Clearance::Start(const RayDirection& direction, Vec3 origin) const {
  RayWalk walk(grown_, direction, origin + Vec3{side_, side_, side_});
  WalkHit hit;
  if (!walk.Next(hit)) return std::nullopt;
  return hit.t;
}

}  // namespace voxel
