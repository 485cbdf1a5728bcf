// How far the rays of a small tile of the picture may run together before any of them can meet a
// voxel.
//
// Data flow:  OccupancyIndex -> Clearance once per view -> Start once per tile -> the rays of the
//             tile begin there.
// Algorithm:  all cubes that are not empty are grown by their own side, which is at least the
//             tile's radius. As long as the tile's middle ray is outside the grown cubes, every ray
//             of the tile is outside the cubes themselves.
// Threading:  immutable once made.
// Cost:       27 cubes filled for each one that is not empty, at a level with few enough of them;
//             then one coarse ray per tile instead of many steps per pixel.
#pragma once

#include <cstdint>
#include <optional>

#include "voxel/render/occupancy_index.h"
#include "voxel/render/ray_walk.h"
#include "voxel/render/vec3.h"

namespace voxel {

class Clearance {
 public:
  // For tiles whose rays stay within `radius` voxels of the middle one. `max_cubes` bounds the
  // cost: coarser cubes are taken where there would be more.
  Clearance(const OccupancyIndex& index, double radius, size_t max_cubes);

  // A t before which no ray of the tile around the ray from `origin` meets a voxel; nullopt if none
  // does at all. `origin` is relative to the origin of the index given to the constructor.
  std::optional<double> Start(const RayDirection& direction, Vec3 origin) const;

 private:
  double side_;  // of the cubes
  OccupancyIndex grown_;
};

}  // namespace voxel
