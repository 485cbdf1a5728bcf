// OpenVDB's tree of 8^3 leaves, with 32-bit values: the peer that others measure themselves by.
#pragma once

#include <openvdb/openvdb.h>
#include <openvdb/tree/LeafManager.h>

#include <cstdint>

#include "bench/voxel/workload.h"

namespace voxel {

class VdbGrid {
  using Tree = openvdb::UInt32Tree;
  using Grid = openvdb::Grid<Tree>;

 public:
  static constexpr bool kKeepsStorage = false;

  explicit VdbGrid(const Box&) : grid_(Grid::create(kAir)) {}

  // Its value accessor, which remembers the leaf and the nodes of the last voxel.
  class Writer {
   public:
    explicit Writer(VdbGrid& grid) : accessor_(grid.grid_->getAccessor()) {}
    void Set(Coord c, Color color) { accessor_.setValue(At(c), color); }
    template <typename ColorAt>
    void SetRow(Coord start, int n, ColorAt color_at) {
      for (int i = 0; i < n; ++i) Set(start + Coord{i, 0, 0}, color_at(start + Coord{i, 0, 0}));
    }
    void Flush() {}
    void Finish() {}

   private:
    Grid::Accessor accessor_;
  };
  class Reader {
   public:
    explicit Reader(const VdbGrid& grid) : accessor_(grid.grid_->getConstAccessor()) {}
    Color Get(Coord c) const { return accessor_.getValue(At(c)); }

   private:
    Grid::ConstAccessor accessor_;
  };

  void Fill(const Box& box, Color color) {
    grid_->fill(openvdb::CoordBBox(At(box.min), At(box.max - Coord{1, 1, 1})), color, true);
  }
  void Recolor(Color from, Color to) {
    for (auto leaf = grid_->tree().beginLeaf(); leaf; ++leaf) {
      Color* const cells = leaf->buffer().data();
      std::replace(cells, cells + Tree::LeafNodeType::SIZE, from, to);
    }
  }
  VdbGrid Copy() const { return VdbGrid(grid_->deepCopy()); }
  static VdbGrid Union(const VdbGrid& a, const VdbGrid& b) {
    return Combined(a, b, [](Color bottom, Color top) { return top != kAir ? top : bottom; });
  }
  static VdbGrid Subtract(const VdbGrid& a, const VdbGrid& b) {
    return Combined(a, b, [](Color bottom, Color top) { return top != kAir ? kAir : bottom; });
  }
  static VdbGrid Intersect(const VdbGrid& a, const VdbGrid& b) {
    return Combined(a, b, [](Color bottom, Color top) { return top != kAir ? bottom : kAir; });
  }
  // Leaf by leaf: its fastest walk that looks at the active voxels only.
  uint64_t SumActive() const {
    uint64_t sum = 0;
    for (auto leaf = grid_->constTree().cbeginLeaf(); leaf; ++leaf) {
      for (auto voxel = leaf->cbeginValueOn(); voxel; ++voxel) sum += voxel.getValue();
    }
    return sum;
  }
  int64_t Bytes() const { return static_cast<int64_t>(grid_->memUsage()); }

 private:
  explicit VdbGrid(Grid::Ptr grid) : grid_(std::move(grid)) {}
  static openvdb::Coord At(Coord c) { return {c.x, c.y, c.z}; }
  template <typename Rule>
  static VdbGrid Combined(const VdbGrid& a, const VdbGrid& b, Rule rule) {
    VdbGrid out(kBothBalls);
    const auto combine = [&](const Color& bottom, const Color& top, Color& result) {
      result = rule(bottom, top);
    };
    out.grid_->tree().combine2(a.grid_->tree(), b.grid_->tree(), combine);
    return out;
  }

  Grid::Ptr grid_;
};

}  // namespace voxel
