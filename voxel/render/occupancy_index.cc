#include "voxel/render/occupancy_index.h"

#include <algorithm>
#include <bit>

#include "voxel/base/check.h"

namespace voxel {
namespace {

constexpr int kBrickLevel = 2;  // of the nodes whose children are bricks

bool Translucent(const Cell& cell) {
  return cell.brick != nullptr ? BrickTranslucent(cell.brick) : Alpha(cell.color) < 255;
}

int32_t AlignDown(int32_t value, int32_t size) { return value & -size; }

}  // namespace

absl::StatusOr<OccupancyIndex> OccupancyIndex::Build(const Volume& volume,
                                                     const TaskContext& context) {
  const Box bounds = volume.Bounds();
  VOXEL_CHECK(!bounds.empty());
  std::vector<Cell> cells;
  int32_t largest_cube = kBrickSize;
  absl::Status status;
  OccupancyIndex index;
  volume.ForEachCell(bounds, [&](const Cell& cell) {
    cells.push_back(cell);
    largest_cube = std::max(largest_cube, cell.size);
    index.translucent_ = index.translucent_ || Translucent(cell);
    status = context.Check();
    return status.ok();
  });
  if (!status.ok()) return status;
  index.Place(bounds, largest_cube);
  for (const Cell& cell : cells) index.Add(cell);
  return index;
}

void OccupancyIndex::Place(const Box& bounds, int32_t largest_cube) {
  // Cubes of the volume are aligned to their size; an origin aligned to the largest keeps them
  // children of nodes here.
  int64_t extent = largest_cube;
  for (int axis = 0; axis < 3; ++axis) {
    origin_[axis] = AlignDown(bounds.min[axis], largest_cube);
    extent = std::max(extent, int64_t{bounds.max[axis]} - origin_[axis]);
  }
  const auto offset = [](int32_t value, int32_t from) { return uint32_t(value) - uint32_t(from); };
  low_ = {offset(bounds.min.x, origin_.x), offset(bounds.min.y, origin_.y),
          offset(bounds.min.z, origin_.z)};
  high_ = {offset(bounds.max.x, origin_.x), offset(bounds.max.y, origin_.y),
           offset(bounds.max.z, origin_.z)};
  while (int64_t{1} << 2 * (top_ + 1) < extent || int64_t{1} << 2 * top_ < largest_cube) ++top_;
  nodes_.assign(1, Node());
}

void OccupancyIndex::Add(const Cell& cell) {
  const uint32_t x = uint32_t(cell.min.x) - uint32_t(origin_.x);
  const uint32_t y = uint32_t(cell.min.y) - uint32_t(origin_.y);
  const uint32_t z = uint32_t(cell.min.z) - uint32_t(origin_.z);
  const int level = std::countr_zero(uint32_t(cell.size)) / 2;  // of the node whose child it is
  uint32_t node = 0;
  for (int at = top_; at > level; --at) {
    node = ChildOf(node, Slot(x, y, z, 2 * at));
  }
  const uint32_t slot = Slot(x, y, z, 2 * level);
  nodes_[node].filled |= uint64_t{1} << slot;
  if (cell.brick == nullptr) {
    nodes_[node].full |= uint64_t{1} << slot;
  } else {
    VOXEL_CHECK(level == kBrickLevel);
    nodes_[node].child[slot] = uint32_t(bricks_.size());
    bricks_.push_back(BrickOccupancy(cell.brick).words.data());
  }
}

uint32_t OccupancyIndex::ChildOf(uint32_t node, uint32_t slot) {
  if ((nodes_[node].filled >> slot & 1) == 0) {
    nodes_[node].filled |= uint64_t{1} << slot;
    nodes_[node].child[slot] = uint32_t(nodes_.size());
    nodes_.emplace_back();
  }
  return nodes_[node].child[slot];
}

bool OccupancyIndex::Occupied(Position p) const {
  if (!InBounds(p)) return false;
  uint32_t at = 0;
  for (int level = top_; level >= kBrickLevel; --level) {
    const Node& node = nodes_[at];
    const uint32_t slot = Slot(p.x, p.y, p.z, 2 * level);
    if ((node.filled >> slot & 1) == 0) return false;
    if ((node.full >> slot & 1) != 0) return true;
    at = node.child[slot];
  }
  const auto voxel = uint32_t(BrickIndex(int(p.x & 15), int(p.y & 15), int(p.z & 15)));
  return (bricks_[at][voxel >> 6] >> (voxel & 63) & 1) != 0;
}

std::vector<OccupancyIndex::Cube> OccupancyIndex::CubesAt(int level) const {
  std::vector<Cube> cubes;
  if (level > top_) {
    cubes.push_back({{0, 0, 0}, 1u << 2 * level});
  } else {
    AddCubes(level, 0, top_, {}, cubes);
  }
  return cubes;
}

void OccupancyIndex::AddCubes(int level, uint32_t node, int node_level, Position base,
                              std::vector<Cube>& out) const {
  const int shift = 2 * node_level;
  for (uint64_t left = nodes_[node].filled; left != 0; left &= left - 1) {
    const auto slot = uint32_t(std::countr_zero(left));
    const Position low{base.x + ((slot & 3) << shift), base.y + ((slot >> 2 & 3) << shift),
                       base.z + ((slot >> 4) << shift)};
    if (node_level == level || (nodes_[node].full >> slot & 1) != 0) {
      out.push_back({low, 1u << shift});
    } else {
      AddCubes(level, nodes_[node].child[slot], node_level - 1, low, out);
    }
  }
}

OccupancyIndex OccupancyIndex::Dilated(int level, const std::vector<Cube>& cubes) const {
  const uint32_t side = 1u << 2 * level;
  OccupancyIndex index;
  index.translucent_ = translucent_;
  const auto low = [side](uint32_t value) { return value & -side; };
  const auto high = [side](uint32_t value) { return ((value + side - 1) & -side) + 2 * side; };
  index.origin_ = {int32_t(uint32_t(origin_.x) - side), int32_t(uint32_t(origin_.y) - side),
                   int32_t(uint32_t(origin_.z) - side)};
  index.low_ = {low(low_.x), low(low_.y), low(low_.z)};
  index.high_ = {high(high_.x), high(high_.y), high(high_.z)};
  const uint64_t extent = std::max({index.high_.x, index.high_.y, index.high_.z});
  index.top_ = level;
  while (uint64_t{1} << 2 * (index.top_ + 1) < extent) ++index.top_;
  index.nodes_.assign(1, Node());
  for (const Cube& cube : cubes) {
    const Corner from = {cube.low.x, cube.low.y,
                         cube.low.z};  // the shift and the growth cancel out
    const uint64_t size = uint64_t{cube.size} + 2 * side;
    index.Fill(0, index.top_, {}, from, {from[0] + size, from[1] + size, from[2] + size});
  }
  return index;
}

void OccupancyIndex::Fill(uint32_t node, int level, const Corner& base, const Corner& low,
                          const Corner& high) {
  const int shift = 2 * level;
  const uint64_t size = uint64_t{1} << shift;
  std::array<uint32_t, 3> first;  // the children touched, on each axis
  std::array<uint32_t, 3> last;
  for (size_t axis = 0; axis < 3; ++axis) {
    first[axis] = uint32_t(std::max(low[axis], base[axis]) - base[axis]) >> shift;
    const uint64_t end = std::min(high[axis], base[axis] + 4 * size);
    last[axis] = uint32_t((end - base[axis] - 1) >> shift);
  }
  for (uint32_t z = first[2]; z <= last[2]; ++z) {
    for (uint32_t y = first[1]; y <= last[1]; ++y) {
      for (uint32_t x = first[0]; x <= last[0]; ++x) {
        const uint32_t slot = x | y << 2 | z << 4;
        const uint64_t bit = uint64_t{1} << slot;
        if ((nodes_[node].full & bit) != 0) continue;
        const Corner at = {base[0] + x * size, base[1] + y * size, base[2] + z * size};
        bool covered = true;
        for (size_t axis = 0; axis < 3; ++axis) {
          covered = covered && low[axis] <= at[axis] && high[axis] >= at[axis] + size;
        }
        if (covered) {
          nodes_[node].filled |= bit;
          nodes_[node].full |= bit;
        } else {
          Fill(ChildOf(node, slot), level - 1, at, low, high);
        }
      }
    }
  }
}

}  // namespace voxel
