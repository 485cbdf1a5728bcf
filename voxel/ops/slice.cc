#include "voxel/ops/slice.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "voxel/base/status_macros.h"

namespace voxel {
namespace {

// One row of cells: how often each colour occurs in each.
class CellRow {
 public:
  // `right` is the axis that the cells follow; the first begins at `from`.
  CellRow(int32_t columns, int right, int32_t from, int32_t step)
      : cells_(static_cast<size_t>(columns)), right_(right), from_(from), step_(step) {}

  // `part` is one voxel thick and lies within the row.
  void Add(const Cell& cell, const Box& part) {
    if (cell.brick == nullptr) return AddUniform(cell.color, part);
    for (Coord c = part.min; c.z < part.max.z; ++c.z) {
      for (c.y = part.min.y; c.y < part.max.y; ++c.y) {
        for (c.x = part.min.x; c.x < part.max.x; ++c.x) {
          const Coord at = c - cell.min;
          const Color color = BrickGet(cell.brick, BrickIndex(at.x, at.y, at.z));
          if (color != kAir) ++cells_[ColumnOf(c[right_])][color];
        }
      }
    }
  }

  // Appends the cells' colours and forgets them.
  void Finish(std::vector<Color>& out) {
    for (auto& counts : cells_) {
      Color most = kAir;
      int64_t voxels = 0;
      for (const auto& [color, count] : counts) {
        if (count > voxels || (count == voxels && color < most)) {
          most = color;
          voxels = count;
        }
      }
      out.push_back(most);
      counts.clear();
    }
  }

 private:
  size_t ColumnOf(int64_t at) const { return static_cast<size_t>((at - from_) / step_); }

  void AddUniform(Color color, const Box& part) {
    const int64_t across = part.Voxels() / part.Size(right_);
    for (int64_t at = part.min[right_]; at < part.max[right_];) {
      const size_t column = ColumnOf(at);
      const int64_t end =
          std::min<int64_t>(part.max[right_], from_ + (static_cast<int64_t>(column) + 1) * step_);
      cells_[column][color] += (end - at) * across;
      at = end;
    }
  }

  std::vector<absl::flat_hash_map<Color, int64_t>> cells_;
  const int right_;
  const int64_t from_;
  const int64_t step_;
};

}  // namespace

PlaneAxes PlaneAxes::Of(Axis axis) {
  if (axis == Axis::kZ) return {Axis::kX, Axis::kY};
  return {axis == Axis::kY ? Axis::kX : Axis::kY, Axis::kZ};
}

absl::StatusOr<Slice> SliceOf(const Volume& volume, const SliceSpec& spec,
                              const TaskContext& context) {
  Slice slice;
  if (spec.area.empty()) return slice;
  const PlaneAxes axes = PlaneAxes::Of(spec.axis);
  const int right = static_cast<int>(axes.right);
  const int up = static_cast<int>(axes.up);
  const auto cells = [&](int axis) {
    return (spec.area.Size(axis) + spec.step - 1) / int64_t{spec.step};
  };
  slice.columns = static_cast<int32_t>(std::min<int64_t>(cells(right), spec.max_size));
  slice.rows = static_cast<int32_t>(std::min<int64_t>(cells(up), spec.max_size));
  slice.truncated = cells(right) > slice.columns || cells(up) > slice.rows;
  slice.box = spec.area;
  slice.box.min[spec.axis] = spec.position;
  slice.box.max[spec.axis] = spec.position + 1;
  const auto end = [&](int axis, int64_t count) {
    return static_cast<int32_t>(
        std::min<int64_t>(spec.area.max[axis], spec.area.min[axis] + count * spec.step));
  };
  slice.box.max[right] = end(right, slice.columns);
  slice.box.max[up] = end(up, slice.rows);

  CellRow row(slice.columns, right, slice.box.min[right], spec.step);
  slice.cells.reserve(static_cast<size_t>(slice.columns) * static_cast<size_t>(slice.rows));
  for (int32_t i = slice.rows - 1; i >= 0; --i) {
    Box strip = slice.box;
    strip.min[up] = end(up, i);
    strip.max[up] = end(up, i + 1);
    absl::Status status = context.Check();
    volume.ForEachCell(strip, [&](const Cell& cell) {
      if (status.ok()) status = context.Check();
      if (status.ok()) row.Add(cell, cell.box().Intersection(strip));
      return status.ok();
    });
    VOXEL_RETURN_IF_ERROR(status);
    row.Finish(slice.cells);
  }
  return slice;
}

}  // namespace voxel
