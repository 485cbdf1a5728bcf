#include "voxel/mesh/culled.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/task_part.h"

namespace voxel {
namespace {

constexpr int kCornersSide = kBrickSize + 1;
constexpr int kPaddedSide = kBrickSize + 2;

// The corners of a voxel's side as offsets from the voxel, counter-clockwise seen from outside:
// with the other two axes u, v in cyclic order, (0,0) (1,0) (1,1) (0,1) turns around +axis; the low
// side runs the other way.
constexpr std::array<Coord, 4> SideCorners(Side side) {
  const int axis = SideAxis(side);
  const int u = (axis + 1) % 3;
  const int v = (axis + 2) % 3;
  std::array<Coord, 4> corners;
  for (size_t i = 0; i < 4; ++i) {
    const size_t at = SideIsHigh(side) ? i : 3 - i;
    corners[i][axis] = SideIsHigh(side) ? 1 : 0;
    corners[i][u] = at == 1 || at == 2 ? 1 : 0;
    corners[i][v] = at >= 2 ? 1 : 0;
  }
  return corners;
}

// Gives each corner one index, 16^3 voxels at a time.
class CornerIndex {
 public:
  explicit CornerIndex(std::vector<Coord>& vertices) : vertices_(vertices) {}

  // The following corners belong to the cube of 16^3 at `min`.
  void Enter(Coord min) {
    min_ = min;
    local_.fill(kUnknown);
  }

  uint32_t Find(Coord corner) {
    const Coord at = corner - min_;
    const int place = at.x + kCornersSide * (at.y + kCornersSide * at.z);
    uint32_t& local = local_[static_cast<size_t>(place)];
    if (local != kUnknown) return local;
    const bool border = OnBorder(at.x) || OnBorder(at.y) || OnBorder(at.z);
    const auto next = static_cast<uint32_t>(vertices_.size());
    local = border ? shared_.emplace(corner, next).first->second : next;
    if (local == next) vertices_.push_back(corner);
    return local;
  }

 private:
  static constexpr uint32_t kUnknown = 0xFFFFFFFF;
  static bool OnBorder(int32_t at) { return at == 0 || at == kBrickSize; }

  std::vector<Coord>& vertices_;
  Coord min_;
  std::array<uint32_t, kCornersSide * kCornersSide * kCornersSide> local_{};
  absl::flat_hash_map<Coord, uint32_t> shared_;  // corners that a neighbouring cube has too
};

class CulledMesher {
 public:
  CulledMesher(const Volume& volume, const TaskContext& context)
      : volume_(volume),
        context_(context),
        pieces_(context, context.progress ? CulledPieces(volume) : 0),
        corners_(mesh_.vertices) {}

  absl::StatusOr<CulledMesh> Run() {
    absl::Status status;
    volume_.ForEachCell(kWorld, [&](const Cell& cell) {
      status = cell.brick != nullptr ? MeshBrick(cell) : MeshCube(cell);
      return status.ok();
    });
    VOXEL_RETURN_IF_ERROR(status);
    return std::move(mesh_);
  }

 private:
  // One more piece begins.
  absl::Status Check() {
    pieces_.Add(1);
    const size_t bytes =
        mesh_.vertices.size() * sizeof(Coord) + mesh_.squares.size() * sizeof(MeshSquare);
    return context_.CheckMemory(static_cast<int64_t>(bytes));
  }

  static bool Seen(Color own, Color neighbour) { return Alpha(neighbour) < Alpha(own); }

  void AddSquare(Coord voxel, Color color, Side side) {
    static constexpr std::array<std::array<Coord, 4>, kSides> kCorners = {
        SideCorners(Side::kLowX),  SideCorners(Side::kHighX), SideCorners(Side::kLowY),
        SideCorners(Side::kHighY), SideCorners(Side::kLowZ),  SideCorners(Side::kHighZ)};
    MeshSquare& square = mesh_.squares.emplace_back();
    square.color = color;
    square.side = side;
    for (size_t i = 0; i < 4; ++i) {
      square.corners[i] = corners_.Find(voxel + kCorners[static_cast<size_t>(side)][i]);
    }
  }

  // A brick is read together with the voxels around it.
  absl::Status MeshBrick(const Cell& cell) {
    VOXEL_RETURN_IF_ERROR(Check());
    const Coord one{1, 1, 1};
    volume_.ReadBox({cell.min - one, cell.box().max + one}, padded_.data());
    corners_.Enter(cell.min);
    for (int32_t z = 0; z < kBrickSize; ++z) {
      for (int32_t y = 0; y < kBrickSize; ++y) {
        for (int32_t x = 0; x < kBrickSize; ++x) {
          const Coord at{x, y, z};
          const Color color = PaddedAt(at);
          if (color != kAir) MeshVoxel(cell.min, at, color);
        }
      }
    }
    return absl::OkStatus();
  }

  void MeshVoxel(Coord min, Coord at, Color color) {
    for (int i = 0; i < kSides; ++i) {
      const auto side = static_cast<Side>(i);
      if (Seen(color, PaddedAt(at + SideStep(side)))) AddSquare(min + at, color, side);
    }
  }

  Color PaddedAt(Coord at) const {
    const int place = at.x + 1 + kPaddedSide * (at.y + 1 + kPaddedSide * (at.z + 1));
    return padded_[static_cast<size_t>(place)];
  }

  // Only the outer sides of a uniform cube can be seen, and each only where the layer of voxels
  // beyond is.
  absl::Status MeshCube(const Cell& cell) {
    for (int i = 0; i < kSides; ++i) {
      const auto side = static_cast<Side>(i);
      const int axis = SideAxis(side);
      Box face = cell.box();  // the cube's own outermost voxels there
      (SideIsHigh(side) ? face.min : face.max)[axis] =
          SideIsHigh(side) ? face.max[axis] - 1 : face.min[axis] + 1;
      VOXEL_RETURN_IF_ERROR(MeshFace(face, cell.color, side));
    }
    return absl::OkStatus();
  }

  // `face` is one voxel thick. Goes by squares of 16 x 16.
  absl::Status MeshFace(const Box& face, Color color, Side side) {
    const int axis = SideAxis(side);
    const int u = (axis + 1) % 3;
    const int v = (axis + 2) % 3;
    Box tile = face;
    for (tile.min[v] = face.min[v]; tile.min[v] < face.max[v]; tile.min[v] += kBrickSize) {
      for (tile.min[u] = face.min[u]; tile.min[u] < face.max[u]; tile.min[u] += kBrickSize) {
        tile.max[u] = tile.min[u] + kBrickSize;
        tile.max[v] = tile.min[v] + kBrickSize;
        VOXEL_RETURN_IF_ERROR(Check());
        MeshTile(tile, color, side);
      }
    }
    return absl::OkStatus();
  }

  void MeshTile(const Box& tile, Color color, Side side) {
    const Coord step = SideStep(side);
    volume_.ReadBox({tile.min + step, tile.max + step}, beyond_.data());
    Coord cube = tile.min;
    cube[SideAxis(side)] -= cube[SideAxis(side)] & (kBrickSize - 1);
    corners_.Enter(cube);
    size_t next = 0;
    for (int32_t z = tile.min.z; z < tile.max.z; ++z) {
      for (int32_t y = tile.min.y; y < tile.max.y; ++y) {
        for (int32_t x = tile.min.x; x < tile.max.x; ++x) {
          if (Seen(color, beyond_[next++])) AddSquare({x, y, z}, color, side);
        }
      }
    }
  }

  const Volume& volume_;
  const TaskContext& context_;
  PieceCounter pieces_;
  CulledMesh mesh_;
  CornerIndex corners_;
  std::array<Color, kPaddedSide * kPaddedSide * kPaddedSide> padded_{};
  std::array<Color, kBrickSize * kBrickSize> beyond_{};
};

}  // namespace

// Bricks, and the squares of 16 x 16 on the sides of uniform cubes.
int64_t CulledPieces(const Volume& volume) {
  int64_t pieces = 0;
  volume.ForEachCell(kWorld, [&pieces](const Cell& cell) {
    const int64_t side = cell.size / kBrickSize;
    pieces += cell.brick != nullptr ? 1 : kSides * side * side;
    return true;
  });
  return pieces;
}

absl::StatusOr<CulledMesh> MeshCulled(const Volume& volume, const TaskContext& context) {
  return CulledMesher(volume, context).Run();
}

}  // namespace voxel
