// The surface of a volume as squares: one for each side of a voxel that can be seen, none merged.
//
// Seen:       a side towards air, or towards a more transparent voxel (smaller alpha). So the
//             surface of a volume whose voxels have one alpha is closed: every edge is walked as
//             often one way as the other.
// Space:      the volume's own; voxel c fills the cube [c, c + 1).
// Threading:  pure. Order is fixed: same volume, same mesh.
// Cost:       bricks, and the outer sides of uniform cubes; a corner inside a brick is found in a
//             table, one on a border in a hash map.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/color.h"
#include "voxel/grid/coord.h"
#include "voxel/grid/volume.h"

namespace voxel {

// The side of a voxel: towards -x, +x, -y, +y, -z, +z.
enum class Side : uint8_t { kLowX = 0, kHighX, kLowY, kHighY, kLowZ, kHighZ };
inline constexpr int kSides = 6;

constexpr int SideAxis(Side side) { return static_cast<int>(side) / 2; }
constexpr bool SideIsHigh(Side side) { return static_cast<int>(side) % 2 != 0; }
// One step out of the voxel.
constexpr Coord SideStep(Side side) {
  Coord step;
  step[SideAxis(side)] = SideIsHigh(side) ? 1 : -1;
  return step;
}

struct MeshSquare {
  std::array<uint32_t, 4> corners{};  // indices into vertices, counter-clockwise seen from outside
  Color color = kAir;
  Side side = Side::kLowX;
};

struct CulledMesh {
  std::vector<Coord> vertices;  // every one different and used
  std::vector<MeshSquare> squares;
};

// How many pieces of about equal cost the work has; its progress counts them. Cost: bricks.
int64_t CulledPieces(const Volume& volume);

// LIMIT_MEMORY if the mesh would take more than context.max_new_bytes; CALL_CANCELLED,
// DEADLINE_PASSED.
absl::StatusOr<CulledMesh> MeshCulled(const Volume& volume, const TaskContext& context);

}  // namespace voxel
