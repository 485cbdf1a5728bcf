// A ray on its way through an OccupancyIndex: finds the voxels it meets, nearest first.
//
// Data flow:  RayDirection once per bundle of parallel rays; RayWalk per ray; Next() per voxel
//             wanted.
// Algorithm:  through empty cubes of 16 and more, from plane to plane of the largest one around the
//             ray, each plane's distance computed from the ray's origin; inside bricks voxel by
//             voxel, without a branch on the axis (Amanatides and Woo, "A fast voxel traversal
//             algorithm for ray tracing", 1987).
// Cost:       about 20 ns for an empty cube or for entering a brick, 3 ns for a voxel in it.
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
  Vec3 inverse;                         // of each component; a huge number for one that is 0
  std::array<uint32_t, 3> upward;       // ~0 where the ray does not run down, else 0
  std::array<double, 3> voxel_t;        // how much t grows from one plane to the next
  std::array<uint32_t, 3> packed_step;  // a step of one voxel within a brick, see ray_walk.cc
};

struct WalkHit {
  Position voxel;
  double t = 0;           // where the ray enters the voxel: origin + d * t
  int axis = 0;           // of the face it enters through
  bool adjacent = false;  // nothing but a face lies between this voxel and the previous hit
};

class RayWalk {
 public:
  // Positions of `origin` are relative to index.origin(), t may be negative: the whole line counts,
  // from t = `begin` to `end`. REQUIRES: the line enters no voxel before `begin` or from `end` on.
  RayWalk(const OccupancyIndex& index, const RayDirection& direction, Vec3 origin,
          double begin = -std::numeric_limits<double>::infinity(),
          double end = std::numeric_limits<double>::infinity());
  // Starts inside `voxel`, which need not be occupied and is not looked at, from `origin` on.
  // REQUIRES: origin lies in the voxel or on its border; where the voxel is outside the index's
  // bounds, the ray leads away from them; it enters no voxel from `end` on.
  RayWalk(const OccupancyIndex& index, const RayDirection& direction, Vec3 origin, Position voxel,
          double end = std::numeric_limits<double>::infinity());

  // The next voxel on the ray; false when there is none.
  bool Next(WalkHit& hit);

 private:
  struct State {
    Position at;
    double t = 0;
    int axis = 0;
    int level = 0;  // of the lowest node known to hold `at`; path_ is right from here up
  };

  // Narrows state_.t and end_ to the part of the line inside the index's bounds; false if there is
  // none.
  bool Clip();
  // Goes on to the next voxel; counts the steps it takes. False where the walk ends.
  bool Find(State& s, int& steps);
  // The largest empty cube around s.at, as log2 of its side; kVoxel or kBrick where it is not
  // empty.
  int Descend(State& s);
  // Walks through the brick around s.at: true at a voxel, false with s.at outside the brick.
  bool CrossBrick(State& s, int& steps) const;
  // Steps out of the aligned cube of side 2^shift around s.at; false where that ends the walk.
  bool Leave(State& s, int shift) const;
  // Puts s at `next`, up to the lowest node that holds both; false where that is outside.
  bool MoveTo(State& s, Position next) const;

  const OccupancyIndex& index_;
  const RayDirection& direction_;
  Vec3 origin_;
  State state_;
  double end_;
  bool alive_ = false;
  bool leave_ = false;             // state_.at is done with: step out of it first
  std::array<uint32_t, 16> path_;  // node at each level, the last brick at level 1
};

}  // namespace voxel
