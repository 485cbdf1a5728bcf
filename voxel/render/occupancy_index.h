// Which voxels of a volume are there, arranged for rays: a 64-way tree over the bricks' own
// occupancy bits, so that a ray crosses the largest empty cube around it in one step.
//
// Data flow:  Volume -> Build -> OccupancyReader, CubesAt, RayWalk.
// Structure:  a node of level k has 4^3 children of 4^k voxels on a side; a child is empty, full,
//             or (k > 2) a node of level k - 1 or (k = 2) a brick, of which there is a pointer to
//             its bits.
// Ownership:  points into the volume, which must outlive it.
// Threading:  immutable once built.
// Cost:       O(bricks and uniform cubes) time and about 30 bytes for each brick; nothing grows
//             with the space between.
// Units:      positions are unsigned offsets from origin(), so that the whole world fits.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"

namespace voxel {

struct Position {
  uint32_t x = 0;
  uint32_t y = 0;
  uint32_t z = 0;

  friend bool operator==(const Position&, const Position&) = default;
};

inline uint32_t& Component(Position& p, int axis) {
  return axis == 0 ? p.x : axis == 1 ? p.y : p.z;
}
inline uint32_t Component(const Position& p, int axis) {
  return axis == 0 ? p.x : axis == 1 ? p.y : p.z;
}

class OccupancyIndex {
 public:
  static constexpr int kBrickLevel = 2;  // of the nodes whose children are bricks

  // CALL_CANCELLED, DEADLINE_PASSED. REQUIRES: volume not empty.
  static absl::StatusOr<OccupancyIndex> Build(const Volume& volume, const TaskContext& context);

  Coord origin() const { return origin_; }
  // The tight bounds of the voxels; high is exclusive.
  Position low() const { return low_; }
  Position high() const { return high_; }
  bool translucent() const { return translucent_; }  // some voxel has an alpha below 255

  Coord CoordOf(Position p) const {
    return {int32_t(uint32_t(origin_.x) + p.x), int32_t(uint32_t(origin_.y) + p.y),
            int32_t(uint32_t(origin_.z) + p.z)};
  }
  bool InBounds(Position p) const {
    return p.x - low_.x < high_.x - low_.x && p.y - low_.y < high_.y - low_.y &&
           p.z - low_.z < high_.z - low_.z;
  }

  // The occupancy of the brick around `p`, as BrickMask has it; positions outside the bounds are
  // empty.
  const uint64_t* BrickWords(Position p) const;

  // The cubes of side 4^level that are not empty; larger full ones as a whole. REQUIRES: level >=
  // 1.
  struct Cube {
    Position low;
    uint32_t size = 0;
  };
  std::vector<Cube> CubesAt(int level) const;

 private:
  friend class RayWalk;

  struct Node {
    uint64_t filled = 0;  // children that are not empty
    uint64_t full = 0;    // of these, the ones without a hole
    std::array<uint32_t, 64> child{};
  };
  // The child of a node of level `shift / 2` that holds a position.
  static uint32_t Slot(uint32_t x, uint32_t y, uint32_t z, int shift) {
    return (x >> shift & 3) | (y >> shift & 3) << 2 | (z >> shift & 3) << 4;
  }

  void Place(const Box& bounds, int32_t largest_cube);
  void Add(const Cell& cell);
  void AddCubes(int level, uint32_t node, int node_level, Position base,
                std::vector<Cube>& out) const;
  // The cubes of 4^3 of the brick at `base`.
  static void AddQuarters(const uint64_t* words, Position base, std::vector<Cube>& out);
  uint32_t ChildOf(uint32_t node, uint32_t slot);  // made if it is not there

  Coord origin_;
  Position low_;
  Position high_;
  int top_ = 2;  // the root's level
  bool translucent_ = false;
  std::vector<Node> nodes_;              // [0] is the root
  std::vector<const uint64_t*> bricks_;  // the words of each one's BrickMask
};

// Asks an index for single voxels; remembers the last brick. A value of one thread.
class OccupancyReader {
 public:
  explicit OccupancyReader(const OccupancyIndex& index)
      : index_(&index), words_(index.BrickWords(at_)) {}

  // Positions outside the bounds are empty.
  bool Occupied(Position p) {
    const uint32_t voxel = IndexIn(p);
    return (words_[voxel >> 6] >> (voxel & 63) & 1) != 0;
  }
  // The eight voxels around `p` across `axis`: bit i is the one at kAround[i], in steps along the
  // axes that follow `axis`, as x follows z.
  static constexpr int kAround[8][2] = {{-1, 0},  {1, 0},  {0, -1}, {0, 1},
                                        {-1, -1}, {1, -1}, {-1, 1}, {1, 1}};
  uint32_t Around(Position p, int axis);

 private:
  // Of `p` in its brick, which becomes the last one.
  uint32_t IndexIn(Position p) {
    if (((p.x ^ at_.x) | (p.y ^ at_.y) | (p.z ^ at_.z)) >> 4 != 0) {
      at_ = p;
      words_ = index_->BrickWords(p);
    }
    return (p.x & 15) | (p.y & 15) << 4 | (p.z & 15) << 8;
  }

  const OccupancyIndex* index_;
  Position at_;  // some voxel of the last brick
  const uint64_t* words_;
};

}  // namespace voxel
