#include "voxel/ops/neighbourhood.h"

#include <algorithm>
#include <array>

#include "absl/container/flat_hash_set.h"
#include "voxel/base/status_macros.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/surface_bricks.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

constexpr int kSide = kBrickSize + 2;
constexpr uint32_t kRow = (uint32_t{1} << kSide) - 1;

// The occupancy of a brick and of the voxels around it. Row (y, z), both from 0 to 17, holds x = -1
// in its lowest bit.
class Surroundings {
 public:
  Surroundings(const Volume& volume, Coord min, Beyond beyond) : beyond_(beyond) {
    for (int z = -1; z <= 1; ++z) {
      for (int y = -1; y <= 1; ++y) {
        for (int x = -1; x <= 1; ++x) Load(volume, min, {x, y, z});
      }
    }
  }

  void Complement() {
    for (uint32_t& row : rows_) row = ~row & kRow;
  }

  // The voxels of the brick that are there or have a neighbour there.
  BrickMask Grown(Neighbours neighbours) const {
    std::array<uint32_t, kSide * kSide> wide;  // each row with its neighbours along x
    for (size_t i = 0; i < rows_.size(); ++i) wide[i] = rows_[i] | rows_[i] << 1 | rows_[i] >> 1;
    const auto& sides = neighbours == Neighbours::kFaces ? rows_ : wide;
    BrickMask out;
    for (int z = 1; z <= kBrickSize; ++z) {
      for (int y = 1; y <= kBrickSize; ++y) {
        const int i = y + kSide * z;
        uint32_t row = wide[i] | sides[i - 1] | sides[i + 1] | sides[i - kSide] | sides[i + kSide];
        if (neighbours != Neighbours::kFaces) {
          const auto& corners = neighbours == Neighbours::kCorners ? wide : rows_;
          row |= corners[i - kSide - 1] | corners[i - kSide + 1] | corners[i + kSide - 1] |
                 corners[i + kSide + 1];
        }
        const uint64_t bits = row >> 1 & 0xFFFF;
        out.words[(z - 1) << 2 | (y - 1) >> 2] |= bits << (((y - 1) & 3) << 4);
      }
    }
    return out;
  }

 private:
  // Where the neighbour brick `by` along one axis lies in the rows: first of ours, first of its.
  static void Range(int by, int& first, int& last, int& from) {
    first = by < 0 ? 0 : by == 0 ? 1 : kSide - 1;
    last = by < 0 ? 0 : by == 0 ? kBrickSize : kSide - 1;
    from = by < 0 ? kBrickSize - 1 : 0;
  }

  void Load(const Volume& volume, Coord min, Coord by) {
    const Coord at{min.x + by.x * kBrickSize, min.y + by.y * kBrickSize, min.z + by.z * kBrickSize};
    Cell cell{at, kBrickSize, beyond_ == Beyond::kInside ? kInk : kAir, nullptr};
    if (InWorld(at)) cell = volume.CellAt(at);
    if (cell.brick == nullptr && cell.color == kAir) return;
    const BrickMask* mask = cell.brick == nullptr ? nullptr : &BrickOccupancy(cell.brick);
    int y0, y1, from_y, z0, z1, from_z;
    Range(by.y, y0, y1, from_y);
    Range(by.z, z0, z1, from_z);
    for (int z = z0; z <= z1; ++z) {
      for (int y = y0; y <= y1; ++y) {
        const int in_y = from_y + y - y0;
        const int in_z = from_z + z - z0;
        const uint32_t row =
            mask == nullptr
                ? 0xFFFF
                : static_cast<uint32_t>(mask->words[in_z << 2 | in_y >> 2] >> ((in_y & 3) << 4)) &
                      0xFFFF;
        rows_[y + kSide * z] |= by.x < 0 ? row >> 15 : by.x == 0 ? row << 1 : (row & 1) << 17;
      }
    }
  }

  std::array<uint32_t, kSide * kSide> rows_{};
  Beyond beyond_;
};

// The bricks of which some voxel may not be what it was.
absl::flat_hash_set<Coord> BricksToGrow(const Volume& volume) {
  absl::flat_hash_set<Coord> bricks;
  volume.ForEachCell(kWorld, [&](const Cell& cell) {
    if (cell.brick != nullptr) bricks.insert(cell.min);
    ForEachSurfaceBrick(cell.box(), false, [&](Coord min) {
      if (InWorld(min)) bricks.insert(min);
    });
    return true;
  });
  return bricks;
}

void Put(VolumeEditor& editor, Coord min, const BrickMask& mask) {
  DenseBrick ink;
  for (int i = 0; i < kBrickVoxels; ++i) ink[i] = mask.Get(i) ? kInk : kAir;
  editor.PutBrick(min, ink);
}

}  // namespace

absl::StatusOr<Volume> Grown(const Volume& volume, Neighbours neighbours,
                             const TaskContext& context) {
  VolumeEditor editor(volume);
  for (const Coord& min : BricksToGrow(volume)) {
    VOXEL_RETURN_IF_ERROR(context.CheckMemory(editor.new_bytes()));
    const Cell cell = volume.CellAt(min);
    if (cell.brick == nullptr && cell.color != kAir) continue;
    const BrickMask grown = Surroundings(volume, min, Beyond::kOutside).Grown(neighbours);
    if (!grown.None()) Put(editor, min, grown);
  }
  return editor.Commit();
}

absl::StatusOr<Volume> Shrunk(const Volume& volume, Neighbours neighbours, Beyond beyond,
                              const TaskContext& context) {
  VolumeEditor editor(volume);
  absl::Status status;
  const auto shrink = [&](Coord min) {
    if (!status.ok()) return;
    status = context.CheckMemory(editor.new_bytes());
    Surroundings around(volume, min, beyond);
    around.Complement();
    BrickMask left = around.Grown(neighbours);
    for (uint64_t& word : left.words) word = ~word;
    if (!left.All()) Put(editor, min, left);
  };
  volume.ForEachCell(kWorld, [&](const Cell& cell) {
    ForEachSurfaceBrick(cell.box(), true, shrink);
    return status.ok();
  });
  if (!status.ok()) return status;
  return editor.Commit();
}

}  // namespace voxel
