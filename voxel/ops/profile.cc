#include "voxel/ops/profile.h"

#include <algorithm>
#include <bit>

#include "voxel/base/status_macros.h"
#include "voxel/grid/brick_bounds.h"

namespace voxel {
namespace {

// Adds `per_slice` voxels for each slice of [first, last) to the buckets.
void AddSlices(int64_t first, int64_t last, int64_t per_slice, AxisProfile& profile) {
  while (first < last) {
    const int64_t bucket = (first - profile.from) / profile.bucket;
    const int64_t end = std::min(last, profile.from + (bucket + 1) * profile.bucket);
    profile.voxels[static_cast<size_t>(bucket)] += (end - first) * per_slice;
    first = end;
  }
}

void AddUniform(const Box& part, std::array<AxisProfile, 3>& profiles) {
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t area = part.Size((axis + 1) % 3) * part.Size((axis + 2) % 3);
    AddSlices(part.min[axis], part.max[axis], area, profiles[static_cast<size_t>(axis)]);
  }
}

void AddBrick(Coord min, const BrickMask& solid, std::array<AxisProfile, 3>& profiles) {
  std::array<std::array<int, kBrickSize>, 3> slices{};
  for (int row = 0; row < kBrickSize * kBrickSize; ++row) {
    const uint32_t bits = RowOf(solid, row);
    const int voxels = std::popcount(bits);
    slices[1][static_cast<size_t>(row & 15)] += voxels;
    slices[2][static_cast<size_t>(row >> 4)] += voxels;
    for (uint32_t left = bits; left != 0; left &= left - 1) {
      ++slices[0][static_cast<size_t>(std::countr_zero(left))];
    }
  }
  for (size_t axis = 0; axis < 3; ++axis) {
    const int64_t first = min[static_cast<int>(axis)];
    for (int i = 0; i < kBrickSize; ++i) {
      const int voxels = slices[axis][static_cast<size_t>(i)];
      if (voxels != 0) AddSlices(first + i, first + i + 1, voxels, profiles[axis]);
    }
  }
}

}  // namespace

absl::StatusOr<Occupancy> CountOccupied(const Volume& volume, const Box& box,
                                        const TaskContext& context) {
  if (box.Contains(volume.Bounds())) return Occupancy{volume.CountVoxels(), volume.Bounds()};
  Occupancy found;
  absl::Status status;
  volume.ForEachCell(box, [&](const Cell& cell) {
    if (cell.brick == nullptr) {
      const Box part = cell.box().Intersection(box);
      found.voxels += part.Voxels();
      found.bounds = found.bounds.Union(part);
    } else if (const BrickMask solid = SolidBits(cell, box); !solid.None()) {
      const Box inner = MaskBounds(solid);
      found.voxels += solid.Count();
      found.bounds = found.bounds.Union({cell.min + inner.min, cell.min + inner.max});
    }
    status = context.Check();
    return status.ok();
  });
  VOXEL_RETURN_IF_ERROR(status);
  return found;
}

absl::StatusOr<std::array<AxisProfile, 3>> ProfileOf(const Volume& volume, const Box& bounds,
                                                     int64_t most, const TaskContext& context) {
  std::array<AxisProfile, 3> profiles;
  if (bounds.empty()) return profiles;
  for (int axis = 0; axis < 3; ++axis) {
    AxisProfile& profile = profiles[static_cast<size_t>(axis)];
    const int64_t slices = bounds.Size(axis);
    profile.from = bounds.min[axis];
    profile.bucket = (slices + most - 1) / most;
    profile.voxels.resize(static_cast<size_t>((slices + profile.bucket - 1) / profile.bucket));
  }
  absl::Status status;
  volume.ForEachCell(bounds, [&](const Cell& cell) {
    if (cell.brick == nullptr) {
      AddUniform(cell.box().Intersection(bounds), profiles);
    } else {
      AddBrick(cell.min, SolidBits(cell, bounds), profiles);
    }
    status = context.Check();
    return status.ok();
  });
  VOXEL_RETURN_IF_ERROR(status);
  return profiles;
}

}  // namespace voxel
