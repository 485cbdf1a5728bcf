#include "voxel/render/span_map.h"

#include <algorithm>
#include <cmath>

#include "voxel/base/status_macros.h"
#include "voxel/render/first_cubes.h"

namespace voxel {
namespace {

constexpr double kMostCells = 1024;    // along one side of a grid
constexpr float kNothing = 1e30F;      // where the span of a cell without cubes begins
constexpr size_t kCubesAtOnce = 4096;  // before the context is asked again

double Along(const SpanAxes& axes, int k, Vec3 point) {
  return Dot(k == 0 ? axes.right : axes.up, point);
}

double Reach(Vec3 axis) { return std::abs(axis.x) + std::abs(axis.y) + std::abs(axis.z); }

}  // namespace

SpanAxes AxesAcross(Vec3 direction) {
  const Vec3 aside = std::abs(direction.z) < 0.5 ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  const Vec3 right = Normalize(Cross(direction, aside));
  return {right, Cross(right, direction)};
}

absl::StatusOr<SpanMap> SpanMap::Build(const OccupancyIndex& index, const RayDirection& direction,
                                       const SpanAxes& axes, double cell, size_t most,
                                       const PlaneWindow& window, const TaskContext& context) {
  const FirstCubes first = FindFirstCubes(index, direction.d, most);
  SpanMap map(index, direction, axes);
  const Position low = index.low();
  const Position high = index.high();
  map.LayOut(
      {(double(high.x) - low.x) / 2, (double(high.y) - low.y) / 2, (double(high.z) - low.z) / 2},
      std::max(cell, first.side), first.side, window);
  for (size_t i = 0; i < first.cubes.size(); ++i) {
    if (i % kCubesAtOnce == 0) VOXEL_RETURN_IF_ERROR(context.Check());
    const OccupancyIndex::Cube& cube = first.cubes[i];
    const double half_side = cube.size / 2.0;
    const Vec3 center{cube.low.x + half_side, cube.low.y + half_side, cube.low.z + half_side};
    if (cube.size <= first.side) {
      map.AddSmall(center);
    } else {
      map.AddLarge(center, half_side);
    }
  }
  return map;
}

SpanMap::SpanMap(const OccupancyIndex& index, const RayDirection& direction, const SpanAxes& axes)
    : direction_(direction),
      axes_(axes),
      reach_{Reach(axes.right), Reach(axes.up)},
      depth_(Reach(direction.d)),
      middle_{(double(index.low().x) + index.high().x) / 2,
              (double(index.low().y) + index.high().y) / 2,
              (double(index.low().z) + index.high().z) / 2} {}

void SpanMap::LayOut(Vec3 half_bounds, double cell, double smallest, const PlaneWindow& window) {
  const double extent = half_bounds.x + half_bounds.y + half_bounds.z;
  // A float is right to 24 bits, of a distance of at most the extent.
  slack_ = 1.0 / 64 + extent * 0x1p-22;
  for (int k = 0; k < 2; ++k) {
    const Vec3 axis = k == 0 ? axes_.right : axes_.up;
    const double reach = half_bounds.x * std::abs(axis.x) + half_bounds.y * std::abs(axis.y) +
                         half_bounds.z * std::abs(axis.z) + slack_;
    low_[k] = std::max(Along(axes_, k, middle_) - reach, window.low[k] - slack_);
    high_[k] = std::min(Along(axes_, k, middle_) + reach, window.high[k] + slack_);
    if (low_[k] >= high_[k]) high_[k] = low_[k];  // nothing is seen
    cell = std::max(cell, (high_[k] - low_[k]) / kMostCells);
  }
  cell_ = cell;
  per_cell_ = 1 / cell;
  small_depth_ = depth_ * smallest / 2 + slack_;
  for (int k = 0; k < 2; ++k) {
    small_reach_[k] = (reach_[k] * smallest / 2 + slack_) * per_cell_;
    small_cells_[k] = int(2 * small_reach_[k]) + 2;
    low_[k] -= small_cells_[k] * cell_;
    size_[k] = int((high_[k] - low_[k]) * per_cell_) + 1 + small_cells_[k];
  }
  cells_.assign(size_t(size_[0]) * size_t(size_[1]), Cell{kNothing, -kNothing});
}

bool SpanMap::CellsOf(Vec3 center, double half_side, Cells& cells) const {
  for (int k = 0; k < 2; ++k) {
    const double at = Along(axes_, k, center) - low_[k];
    const double reach = reach_[k] * half_side + slack_;
    const double first = (at - reach) * per_cell_;
    const double last = (at + reach) * per_cell_;
    if (last < 0 || first >= size_[k]) return false;
    cells.first[k] = first < 0 ? 0 : int(first);
    cells.last[k] = last >= size_[k] ? size_[k] - 1 : int(last);
  }
  return true;
}

void SpanMap::AddSmall(Vec3 center) {
  const double u = (Along(axes_, 0, center) - low_[0]) * per_cell_ - small_reach_[0];
  const double v = (Along(axes_, 1, center) - low_[1]) * per_cell_ - small_reach_[1];
  const int across = small_cells_[0];
  const int down = small_cells_[1];
  if (!(u >= 0 && u < size_[0] - across + 1 && v >= 0 && v < size_[1] - down + 1)) return;
  const double at = Dot(center - middle_, direction_.d);
  const auto begin = float(at - small_depth_);
  const auto end = float(at + small_depth_);
  Cell* row = cells_.data() + size_t(v) * size_t(size_[0]) + size_t(u);
  for (int i = 0; i < down; ++i, row += size_[0]) {
    for (int k = 0; k < across; ++k) {
      row[k].begin = std::min(row[k].begin, begin);
      row[k].end = std::max(row[k].end, end);
    }
  }
}

void SpanMap::AddLarge(Vec3 center, double half_side) {
  Cells cells;
  if (!CellsOf(center, half_side, cells)) return;
  const double depth = Dot(middle_, direction_.d);
  for (int v = cells.first[1]; v <= cells.last[1]; ++v) {
    for (int u = cells.first[0]; u <= cells.last[0]; ++u) {
      // The ray through the cell's middle. The distance to a plane grows evenly over the cell.
      const Vec3 origin = axes_.right * (low_[0] + (u + 0.5) * cell_) +
                          axes_.up * (low_[1] + (v + 0.5) * cell_) + direction_.d * depth;
      double in = -kNothing;
      double out = kNothing;
      for (int axis = 0; axis < 3; ++axis) {
        const double inverse = direction_.voxel_t[size_t(axis)];
        const double over_cell =
            (std::abs(axes_.right[axis]) + std::abs(axes_.up[axis])) * cell_ / 2 * inverse;
        const double across = (center[axis] - origin[axis]) * direction_.inverse[axis];
        const double reach = (half_side + slack_) * inverse + over_cell;
        in = std::max(in, across - reach);
        out = std::min(out, across + reach);
      }
      if (in > out) continue;
      Cell& cell = cells_[size_t(v) * size_t(size_[0]) + size_t(u)];
      cell.begin = std::min(cell.begin, float(in - slack_));
      cell.end = std::max(cell.end, float(out + slack_));
    }
  }
}

SpanMap::Span SpanMap::Of(Vec3 origin) const {
  const double u = Along(axes_, 0, origin) - low_[0];
  const double v = Along(axes_, 1, origin) - low_[1];
  const double column = u * per_cell_;
  const double row = v * per_cell_;
  if (!(column >= 0 && column < size_[0] && row >= 0 && row < size_[1])) return {};
  const Cell& cell = cells_[size_t(row) * size_t(size_[0]) + size_t(column)];
  const double depth = Dot(origin - middle_, direction_.d);
  return {cell.begin - depth, cell.end - depth};
}

}  // namespace voxel
