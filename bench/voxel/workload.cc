#include "bench/voxel/workload.h"

#include <random>

namespace voxel {
namespace {

template <typename Accept>
std::vector<Coord> RandomPlaces(Accept accept) {
  std::vector<Coord> places;
  places.reserve(kPoints);
  std::mt19937 random(1);
  while (std::ssize(places) < kPoints) {
    const auto r = static_cast<uint32_t>(random());
    const Coord c{static_cast<int32_t>(r & 255), static_cast<int32_t>(r >> 8 & 255),
                  static_cast<int32_t>(r >> 16 & 255)};
    if (accept(c)) places.push_back(c);
  }
  return places;
}

}  // namespace

const std::vector<Coord>& Points() {
  static const auto* const points = new auto(RandomPlaces([](Coord) { return true; }));
  return *points;
}

const std::vector<Coord>& BallPoints() {
  static const auto* const points = new auto(RandomPlaces([](Coord c) {
    const Coord d = c - kBallCenter;
    return d.x * d.x + d.y * d.y + d.z * d.z <= kBallRadius * kBallRadius;
  }));
  return *points;
}

}  // namespace voxel
