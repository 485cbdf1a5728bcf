// A ray on its way through an OccupancyIndex: finds the voxels it meets, nearest first.
//
// Data flow:  RayDirection once per bundle of parallel rays; RayWalk per ray; Next() per voxel wanted.
// Algorithm:  steps out of the largest empty cube around the ray (Amanatides and Woo's crossing of planes, on the levels
//             of a 64-way tree); every plane's distance is computed from the ray's origin, so nothing accumulates.
// Cost:       about 10 ns per step; a step crosses an empty cube of 4^k voxels on a side.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "voxel/render/occupancy_index.h"
#include "voxel/render/vec3.h"

namespace voxel {

struct RayDirection {
  explicit RayDirection(Vec3 direction);  // a unit vector

  Vec3 d;
  Vec3 inverse;  // of each component; a huge number for one that is 0
  std::array<uint32_t, 3>
      upward;  // ~0 where the ray runs towards higher coordinates or not at all, else 0
};

struct RayHit {
  Position voxel;
  double t = 0;           // where the ray enters the voxel: origin + d * t
  int axis = 0;           // of the face it enters through
  bool adjacent = false;  // nothing but a face lies between this voxel and the previous hit
};

class RayWalk {
 public:
  // Positions of `origin` are relative to index.origin(), t may be negative: the whole line counts, from t = `start`
  // on. REQUIRES: the ray meets no voxel before `start`.
  RayWalk(const OccupancyIndex& index, const RayDirection& direction, Vec3 origin,
          double start = -std::numeric_limits<double>::infinity());
  // Starts inside `voxel`, which need not be occupied and is not looked at, from `origin` on.
  // REQUIRES: origin lies in the voxel or on its border; where the voxel is outside the index's bounds, the ray leads
  // away from them.
  RayWalk(const OccupancyIndex& index, const RayDirection& direction, Vec3 origin, Position voxel);

  // The next voxel on the ray; false when there is none.
  bool Next(RayHit& hit);

 private:
  struct State {
    Position at;
    double t = 0;
    int axis = 0;
    int level = 0;  // of the lowest node known to hold `at`; path_ is right from here up
  };

  // Narrows to the part of the line inside the index's bounds, from state_.t on; false if there is none.
  bool Clip();
  // Goes down to what holds s.at: true for a voxel, else false and the empty cube's side 2^shift.
  bool Descend(State& s, int& shift);
  // Steps out of the aligned cube of side 2^shift around s.at; false where that ends the walk.
  bool Leave(State& s, int shift);

  const OccupancyIndex& index_;
  const RayDirection& direction_;
  Vec3 origin_;
  State state_;
  double end_ = 0;
  bool alive_ = false;
  bool leave_ = false;             // state_.at is done with: step out of it first
  std::array<uint32_t, 16> path_;  // node at each level, the brick at level 1
};

}  // namespace voxel
