// Whether the surface of a volume is closed and simple, as 3D printers and mesh tools want it.
//
// Surface:   the faces between a voxel and one of less alpha, or air: what MeshCulled makes
//            (voxel/mesh/culled.h). Of voxels of one alpha it is always closed; where three alphas
//            meet along an edge it has a rim.
// Edges:     an edge of the grid that belongs to another number of faces than none or two.
// Corners:   a corner of the grid where the voxels of at least one alpha and up, or what is around
//            them, meet in a point only: the faces there make several fans that share no edge.
// Algorithm: 16 edges or corners at a time by the bits of the four rows around them, once for each
//            alpha; what a corner is stands in a table of its 256 surroundings.
// Cost:      about 3 us for each brick, and for each brick along the surface of uniform cubes.
// Threading: pure function.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

// From the low corner of voxel `at` along `axis`, one voxel long. Coordinates may be kMaxCoord.
struct GridEdge {
  Coord at;
  Axis axis = Axis::kX;

  friend bool operator==(const GridEdge&, const GridEdge&) = default;
};

struct SurfaceFaults {
  int64_t edges = 0;
  int64_t open_edges = 0;  // of these, the ones that one side of the surface ends at
  int64_t corners = 0;
  // The first ones by brick (x, y, z), within it by z, then y, then axis, then x.
  std::vector<GridEdge> edge_samples;
  std::vector<Coord> corner_samples;  // each the low corner of that voxel
};

// CALL_CANCELLED, DEADLINE_PASSED, LIMIT_MEMORY.
absl::StatusOr<SurfaceFaults> CheckSurface(const Volume& volume, size_t max_samples,
                                           const TaskContext& context);

}  // namespace voxel
