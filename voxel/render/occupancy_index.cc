#include "voxel/render/occupancy_index.h"

#include <algorithm>
#include <bit>

#include "voxel/base/check.h"

namespace voxel {
namespace {

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
    VOXEL_CHECK(level == OccupancyIndex::kBrickLevel);
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
    } else if (node_level == OccupancyIndex::kBrickLevel) {
      AddQuarters(bricks_[nodes_[node].child[slot]], low, out);
    } else {
      AddCubes(level, nodes_[node].child[slot], node_level - 1, low, out);
    }
  }
}

void OccupancyIndex::AddQuarters(const uint64_t* words, Position base, std::vector<Cube>& out) {
  for (uint32_t z = 0; z < 4; ++z) {
    for (uint32_t y = 0; y < 4; ++y) {
      // A word is four rows: fold four slices, then the rows.
      const uint64_t* slice = words + size_t(z) * 16 + y;
      uint64_t row = slice[0] | slice[4] | slice[8] | slice[12];
      row |= row >> 32;
      row |= row >> 16;
      for (uint32_t x = 0; x < 4; ++x) {
        if ((row >> 4 * x & 15) == 0) continue;
        out.push_back({{base.x + 4 * x, base.y + 4 * y, base.z + 4 * z}, 4});
      }
    }
  }
}

const uint64_t* OccupancyIndex::BrickWords(Position p) const {
  static constexpr std::array<uint64_t, kBrickVoxels / 64> kNone{};
  static constexpr auto kAll = [] {
    std::array<uint64_t, kBrickVoxels / 64> words{};
    words.fill(~uint64_t{0});
    return words;
  }();
  if (uint64_t{p.x | p.y | p.z} >> 2 * (top_ + 1) != 0) return kNone.data();  // outside the root
  uint32_t at = 0;
  for (int level = top_; level >= OccupancyIndex::kBrickLevel; --level) {
    const Node& node = nodes_[at];
    const uint32_t slot = Slot(p.x, p.y, p.z, 2 * level);
    if ((node.filled >> slot & 1) == 0) return kNone.data();
    if ((node.full >> slot & 1) != 0) return kAll.data();
    at = node.child[slot];
  }
  return bricks_[at];
}

uint32_t OccupancyReader::Around(Position p, int axis) {
  // The steps to each, as indices in a brick.
  static constexpr auto kSteps = [] {
    std::array<std::array<uint32_t, 8>, 3> steps{};
    for (int across = 0; across < 3; ++across) {
      for (int i = 0; i < 8; ++i) {
        steps[size_t(across)][size_t(i)] = uint32_t(kAround[i][0] * (1 << 4 * ((across + 1) % 3)) +
                                                    kAround[i][1] * (1 << 4 * ((across + 2) % 3)));
      }
    }
    return steps;
  }();
  const int u = (axis + 1) % 3;
  const int v = (axis + 2) % 3;
  const auto inside = [&](int k) { return ((Component(p, k) + 1) & 15) > 1; };
  uint32_t bits = 0;
  if (inside(u) && inside(v)) {  // all in one brick
    const uint32_t voxel = IndexIn(p);
    for (uint32_t i = 0; i < 8; ++i) {
      const uint32_t at = voxel + kSteps[size_t(axis)][i];
      bits |= uint32_t(words_[at >> 6] >> (at & 63) & 1) << i;
    }
    return bits;
  }
  for (int i = 0; i < 8; ++i) {
    Position at = p;
    Component(at, u) += uint32_t(kAround[i][0]);
    Component(at, v) += uint32_t(kAround[i][1]);
    bits |= uint32_t(Occupied(at)) << i;
  }
  return bits;
}

}  // namespace voxel
