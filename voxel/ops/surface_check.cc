#include "voxel/ops/surface_check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/halo.h"
#include "voxel/ops/recolor.h"
#include "voxel/ops/surface_bricks.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

constexpr int kAround = 8;  // voxels that share a corner: bit 0 of the number is x, 1 y, 2 z

// Whether the voxels of `set`, some of the eight, are connected over faces.
constexpr bool Connected(uint32_t set) {
  uint32_t reached = set & (~set + 1);
  for (int step = 0; step < kAround; ++step) {
    const uint32_t beside = (reached & 0x55) << 1 | (reached & 0xAA) >> 1 |  // along x
                            (reached & 0x33) << 2 | (reached & 0xCC) >> 2 |  // y
                            (reached & 0x0F) << 4 | (reached & 0xF0) >> 4;   // z
    reached |= beside & set;
  }
  return reached == set;
}

// Whether four of the eight around one of the six edges at the corner alternate.
constexpr bool HasFaultyEdge(uint32_t set) {
  for (int axis = 0; axis < 3; ++axis) {
    const int u = 1 << (axis + 1) % 3;
    const int v = 1 << (axis + 2) % 3;
    for (int side = 0; side < 2; ++side) {
      const int low = side << axis;
      const auto in = [&](int voxel) { return (set >> voxel & 1) != 0; };
      if (in(low) == in(low | u | v) && in(low | u) == in(low | v) && in(low) != in(low | u)) {
        return true;
      }
    }
  }
  return false;
}

// By the voxels around a corner: whether they, or the others, meet in that point only.
constexpr std::array<bool, 256> MakePinches() {
  std::array<bool, 256> pinches{};
  for (uint32_t set = 1; set < 255; ++set) {
    pinches[set] = !(Connected(set) && Connected(~set & 0xFF)) && !HasFaultyEdge(set);
  }
  return pinches;
}
constexpr std::array<bool, 256> kPinches = MakePinches();

// What is known of 16 edges that lie side by side, after some alphas.
struct EdgeRow {
  std::array<uint32_t, 4> faces{};  // between the four voxels around each, in turn
  std::array<uint32_t, 4> rises{};  // of these, the ones where alpha rises

  // The four voxels around each edge, in turn: are they of this alpha or above?
  void Add(const std::array<uint32_t, 4>& around) {
    for (size_t i = 0; i < 4; ++i) {
      const uint32_t next = around[(i + 1) & 3];
      faces[i] |= (around[i] ^ next) & 0xFFFF;
      rises[i] |= ~around[i] & next & 0xFFFF;
    }
  }

  uint32_t Faulty() const {  // of three or four faces; one alone cannot be
    return (faces[0] & faces[1] & (faces[2] | faces[3])) |
           (faces[2] & faces[3] & (faces[0] | faces[1]));
  }
  // Where alpha rises as often as it falls, as many faces look one way as the other.
  uint32_t Open() const {
    const uint32_t four = faces[0] & faces[1] & faces[2] & faces[3];
    const uint32_t odd = rises[0] ^ rises[1] ^ rises[2] ^ rises[3];
    return (Faulty() & ~four) | (four & odd);
  }
};

// The rows of voxels around a row of 16 corners, with those before them along x. [0] is at y - 1
// and z - 1, [1] at y and z - 1, [2] at y - 1 and z, [3] at y and z.
struct CornerRows {
  std::array<uint32_t, 4> at{};
  std::array<uint32_t, 4> before{};

  CornerRows(const Halo& halo, int y, int z) {
    for (int i = 0; i < 4; ++i) {
      const int row_y = y - 1 + (i & 1);
      const int row_z = z - 1 + (i >> 1);
      at[static_cast<size_t>(i)] = halo.Row(row_y, row_z, 0);
      before[static_cast<size_t>(i)] = halo.Row(row_y, row_z, -1);
    }
  }

  void AddTo(std::array<EdgeRow, 3>& edges) const {
    edges[0].Add({at[0], at[1], at[3], at[2]});
    edges[1].Add({before[1], at[1], at[3], before[3]});
    edges[2].Add({before[2], at[2], at[3], before[3]});
  }

  // Corners where this alpha's voxels, or the others, meet in a point.
  uint32_t Pinches() const {
    uint32_t any = 0;
    uint32_t all = 0xFFFF;
    for (size_t i = 0; i < 4; ++i) {
      any |= at[i] | before[i];
      all &= at[i] & before[i];
    }
    uint32_t pinches = 0;
    for (uint32_t mixed = any & ~all; mixed != 0; mixed &= mixed - 1) {
      const int x = std::countr_zero(mixed);
      uint32_t set = 0;
      for (size_t i = 0; i < 4; ++i) {
        set |= ((before[i] >> x & 1) | (at[i] >> x & 1) << 1) << (2 * i);
      }
      if (kPinches[set]) pinches |= uint32_t{1} << x;
    }
    return pinches;
  }
};

class SurfaceChecker {
 public:
  SurfaceChecker(std::vector<Volume> levels, size_t max_samples)
      : levels_(std::move(levels)), max_samples_(max_samples) {}

  // Looks at the edges and corners that belong to the brick at `min`: those at the low sides of its
  // voxels.
  void Add(Coord min) {
    std::vector<Halo> halos;
    halos.reserve(levels_.size());
    for (const Volume& level : levels_) halos.emplace_back(level, min, /*diagonals=*/true);
    for (int z = 0; z < kBrickSize; ++z) {
      for (int y = 0; y < kBrickSize; ++y) {
        std::array<EdgeRow, 3> edges;
        uint32_t pinches = 0;
        for (const Halo& halo : halos) {
          const CornerRows rows(halo, y, z);
          rows.AddTo(edges);
          pinches |= rows.Pinches();
        }
        AddRow(min + Coord{0, y, z}, edges, pinches);
      }
    }
  }

  SurfaceFaults Take() { return std::move(faults_); }

 private:
  void AddRow(Coord row, const std::array<EdgeRow, 3>& edges, uint32_t pinches) {
    for (int axis = 0; axis < 3; ++axis) {
      const uint32_t faulty = edges[static_cast<size_t>(axis)].Faulty();
      faults_.edges += std::popcount(faulty);
      faults_.open_edges += std::popcount(edges[static_cast<size_t>(axis)].Open());
      for (uint32_t bits = faulty; bits != 0 && faults_.edge_samples.size() < max_samples_;
           bits &= bits - 1) {
        faults_.edge_samples.push_back(
            {row + Coord{std::countr_zero(bits), 0, 0}, static_cast<Axis>(axis)});
      }
    }
    faults_.corners += std::popcount(pinches);
    for (uint32_t bits = pinches; bits != 0 && faults_.corner_samples.size() < max_samples_;
         bits &= bits - 1) {
      faults_.corner_samples.push_back(row + Coord{std::countr_zero(bits), 0, 0});
    }
  }

  const std::vector<Volume> levels_;  // for each alpha the voxels that have it or more
  const size_t max_samples_;
  SurfaceFaults faults_;
};

absl::StatusOr<std::vector<Volume>> LevelsOf(const Volume& volume, const TaskContext& context) {
  std::bitset<256> alphas;
  absl::Status status;
  volume.ForEachCell(kWorld, [&](const Cell& cell) {
    if (cell.brick == nullptr) {
      alphas.set(Alpha(cell.color));
    } else {
      BrickForEachColor(cell.brick, [&](Color color, int) { alphas.set(Alpha(color)); });
    }
    status = context.Check();
    return status.ok();
  });
  VOXEL_RETURN_IF_ERROR(status);
  std::vector<Volume> levels;
  for (uint32_t least = 1; least < 256; ++least) {
    if (!alphas.test(least)) continue;
    if (levels.empty()) {
      levels.push_back(volume);  // all of it
      continue;
    }
    VolumeEditor editor(volume);
    EditCount unused;
    VOXEL_RETURN_IF_ERROR(
        ApplyRecolor([least](Color color) { return Alpha(color) < least ? kAir : kInk; },
                     std::nullopt, editor, context, unused));
    levels.push_back(editor.Commit());
  }
  return levels;
}

// The bricks that own an edge or a corner with something on one side and something else on another,
// each once. Some lie just above the world: there is the upper side of its topmost voxels.
absl::StatusOr<std::vector<Coord>> BricksAtSurfaces(const Volume& volume,
                                                    const TaskContext& context) {
  std::vector<Coord> bricks;
  absl::Status status;
  volume.ForEachCell(kWorld, [&](const Cell& cell) {
    const Coord beyond{kBrickSize, kBrickSize, kBrickSize};
    ForEachSurfaceBrick({cell.min, cell.box().max + beyond}, /*inside=*/true,
                        [&](Coord min) { bricks.push_back(min); });
    status = context.CheckMemory(static_cast<int64_t>(bricks.size() * sizeof(Coord)));
    return status.ok();
  });
  VOXEL_RETURN_IF_ERROR(status);
  std::sort(bricks.begin(), bricks.end());
  bricks.erase(std::unique(bricks.begin(), bricks.end()), bricks.end());
  return bricks;
}

}  // namespace

absl::StatusOr<SurfaceFaults> CheckSurface(const Volume& volume, size_t max_samples,
                                           const TaskContext& context) {
  VOXEL_ASSIGN_OR_RETURN(std::vector<Volume> levels, LevelsOf(volume, context));
  VOXEL_ASSIGN_OR_RETURN(const std::vector<Coord> bricks, BricksAtSurfaces(volume, context));
  SurfaceChecker checker(std::move(levels), max_samples);
  for (const Coord& min : bricks) {
    VOXEL_RETURN_IF_ERROR(context.Check());
    checker.Add(min);
  }
  return checker.Take();
}

}  // namespace voxel
